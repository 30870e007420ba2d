// Which proxy is on the way to a server: as curl and Go read the variables.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { proxyFor } from '../../src/http/proxy.js';

type Environment = Readonly<Record<string, string>>;

const PROXY = 'http://proxy:3128/';
const CHOICES: readonly (readonly [url: string, environment: Environment, proxy: string | undefined])[] = [
  ['http://prometheus:9090', {}, undefined],
  ['http://prometheus:9090', { HTTP_PROXY: 'proxy:3128' }, PROXY],
  ['http://prometheus:9090', { http_proxy: 'http://proxy:3128', HTTP_PROXY: 'http://other' }, PROXY],
  ['http://prometheus:9090', { http_proxy: ' ', HTTP_PROXY: 'http://proxy:3128' }, PROXY],
  ['http://prometheus:9090', { HTTPS_PROXY: 'proxy:3128' }, undefined],
  ['https://prometheus', { HTTPS_PROXY: 'proxy:3128', HTTP_PROXY: 'other' }, PROXY],
  ['https://prometheus', { HTTPS_PROXY: 'https://me:secret@proxy' }, 'https://me:secret@proxy/'],
  // What nobody means to go through a proxy.
  ['http://localhost:9090', { HTTP_PROXY: 'proxy' }, undefined],
  ['http://prometheus.localhost', { HTTP_PROXY: 'proxy' }, undefined],
  ['http://127.0.0.2:9090', { HTTP_PROXY: 'proxy' }, undefined],
  ['http://[::1]:9090', { HTTP_PROXY: 'proxy' }, undefined],
];
const EXCEPTIONS: readonly (readonly [url: string, noProxy: string, isExempt: boolean])[] = [
  ['http://prometheus.monitoring.svc:9090', 'svc', true],
  ['http://prometheus.monitoring.svc:9090', 'example.com, .svc', true],
  ['http://prometheus.monitoring.svc:9090', '*.svc', true],
  ['http://Prometheus.Monitoring.svc.', 'prometheus.monitoring.SVC', true],
  ['http://prometheus.monitoring.svc:9090', '*', true],
  ['http://prometheus.monitoring.svc:9090', 'prometheus.monitoring.svc:9090', true],
  ['http://prometheus.monitoring.svc:9090', 'prometheus.monitoring.svc:80', false],
  ['http://prometheus.monitoring.svc', 'prometheus.monitoring.svc:80', true],
  ['http://prometheus.mysvc', 'svc', false],
  ['http://prometheus', ' , .,:80', false],
  ['http://10.1.2.3:9090', '10.0.0.0/8', true],
  ['http://11.1.2.3:9090', '10.0.0.0/8,10.0.0.0/99,nonsense/8', false],
  ['http://10.1.2.3:9090', '10.1.2.3', true],
  ['http://10.1.2.3:9090', '2.3', false],
  ['http://[fd00::5]:9090', 'fd00::/8', true],
  ['http://[fd00::5]:9090', 'fd00::5', true],
  ['http://[fd00::5]:9090', '[fd00::5]:9090', true],
  ['http://[fd00::5]:9090', '[fd00::5]:9091', false],
];

for (const [url, environment, proxy] of CHOICES) {
  it(`${url} with ${JSON.stringify(environment)}`, () =>
    assert.equal(proxyFor(new URL(url), environment)?.href, proxy));
}
for (const [url, noProxy, isExempt] of EXCEPTIONS) {
  it(`${url} is ${isExempt ? '' : 'not '}among "${noProxy}"`, () => {
    for (const name of ['no_proxy', 'NO_PROXY']) {
      assert.equal(proxyFor(new URL(url), { HTTP_PROXY: 'proxy', [name]: noProxy }) === undefined, isExempt);
    }
  });
}

it('refuses what is no proxy of HTTP, where one is needed, without its password', () => {
  const environment = { HTTPS_PROXY: 'socks5://me:secret@proxy:1080' };
  assert.throws(() => proxyFor(new URL('https://prometheus'), environment), {
    name: 'TypeError',
    message: 'Expected `HTTPS_PROXY` to be an http URL or host:port, got "socks5://proxy:1080"',
  });
  assert.equal(proxyFor(new URL('https://localhost'), environment), undefined);
});
