// The successor of prom-client; imported from here, where it is installed.
export { default } from '@prometheus-io/client';
