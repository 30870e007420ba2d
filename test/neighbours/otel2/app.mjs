import express from 'express';
import shop from '../shop.cjs';
import setup from './setup.cjs';

const answers = await shop.runShop(express);
console.log(JSON.stringify({ answers, ...(await setup.tell()) }));
