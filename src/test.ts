// `node --import loopsight/test --test`: says of each slow test where its time went, and ends with the slowest ones.
import './test-runs/node-test.js';
