import 'reflect-metadata';
import { Controller, Get, HttpException, Inject, Injectable, Module, Param, Post, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { LoopsightModule } from '../../../../dist/esm/src/nestjs.js';
import { sleep } from './ask.mjs';

// What decorators do, in JavaScript that has none.
const decorate = (target, key, ...decorators) => {
  const property = Object.getOwnPropertyDescriptor(target, key);
  for (const decorator of decorators) decorator(target, key, property);
};

class Repository {
  async load(id) {
    await sleep(20);
    return { id };
  }
}

class UsersService extends Repository {
  name() {
    return 'users';
  }
}
Injectable()(UsersService);

class QuietService {
  say() {
    return 'nothing';
  }
}
Injectable()(QuietService);

class Guard {
  canActivate() {
    return true;
  }
}
Injectable()(Guard);

class UsersController {
  constructor(users, quiet) {
    this.users = users;
    this.quiet = quiet;
  }
  find(id) {
    this.users.name();
    this.quiet.say();
    return this.users.load(id);
  }
  fail() {
    throw new HttpException('failed', 418);
  }
}
Inject(UsersService)(UsersController, undefined, 0);
Inject(QuietService)(UsersController, undefined, 1);
Param('id')(UsersController.prototype, 'find', 0);
decorate(UsersController.prototype, 'find', Get(':id'), UseGuards(Guard));
decorate(UsersController.prototype, 'fail', Post('fail'));
Controller('users')(UsersController);

class UsersModule {}
const helper = { provide: 'helper', useFactory: () => ({ help() {} }) };
Module({ controllers: [UsersController], providers: [UsersService, QuietService, helper] })(UsersModule);

class AppModule {}
const options = JSON.parse(process.env.OPTIONS ?? '{}');
const exclude = options.excludesQuiet ? [QuietService] : [];
const loopsight = LoopsightModule.forRoot({ controllers: options.controllers, providers: options.providers, exclude });
Module({ imports: [loopsight, UsersModule] })(AppModule);

const before = UsersController.prototype.find;
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();
for (const [method, path] of [
  ['GET', '/users/4711'],
  ['POST', '/users/fail'],
]) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  console.log(`${method} ${path} ${response.status} ${await response.text()}`);
}
app.getHttpServer().closeAllConnections();
await app.close();
console.log(UsersController.prototype.find === before);
