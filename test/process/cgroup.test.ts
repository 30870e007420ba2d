// Where the CPU statistics of a control group are, and what they say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuStatPaths, throttledSeconds } from '../../instrumentations/process/cgroup.js';

for (const { name, text, expected } of [
  { name: 'nothing', text: '', expected: [] },
  {
    name: 'version 2 in a container',
    text: '0::/\n',
    expected: ['/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/unified/cpu.stat'],
  },
  {
    name: 'version 2 on a host',
    text: '0::/system.slice/app.service\n',
    expected: [
      '/sys/fs/cgroup/system.slice/app.service/cpu.stat',
      '/sys/fs/cgroup/cpu.stat',
      '/sys/fs/cgroup/unified/system.slice/app.service/cpu.stat',
    ],
  },
  {
    name: 'version 1',
    text: '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n',
    expected: [
      '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.stat',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.stat',
      '/sys/fs/cgroup/cpu/docker/abc/cpu.stat',
      '/sys/fs/cgroup/cpu/cpu.stat',
    ],
  },
  {
    name: 'both versions: the first comes first',
    text: '0::/a\n2:cpu:/b\n',
    expected: [
      '/sys/fs/cgroup/cpu/b/cpu.stat',
      '/sys/fs/cgroup/cpu/cpu.stat',
      '/sys/fs/cgroup/a/cpu.stat',
      '/sys/fs/cgroup/cpu.stat',
      '/sys/fs/cgroup/unified/a/cpu.stat',
    ],
  },
  { name: 'cpuset and cpuacct are not cpu', text: '2:cpuset:/a\n3:cpuacct:/b\n', expected: [] },
  {
    name: 'a path with colons',
    text: '2:cpu:/a:b\n',
    expected: ['/sys/fs/cgroup/cpu/a:b/cpu.stat', '/sys/fs/cgroup/cpu/cpu.stat'],
  },
  { name: 'garbage', text: 'x\n::\n1:cpu\n', expected: [] },
]) {
  test(`paths by /proc/self/cgroup: ${name}`, () => assert.deepEqual(cpuStatPaths(text), expected));
}

for (const { name, text, expected } of [
  { name: 'version 2', text: 'usage_usec 9\nnr_throttled 3\nthrottled_usec 1500000\nburst_usec 1\n', expected: 1.5 },
  { name: 'version 1', text: 'nr_periods 9\nnr_throttled 3\nthrottled_time 2500000000\n', expected: 2.5 },
  { name: 'never throttled', text: 'nr_periods 0\nnr_throttled 0\nthrottled_usec 0\n', expected: 0 },
  { name: 'no quota', text: 'usage_usec 9\nuser_usec 4\n', expected: Number.NaN },
  { name: 'no file', text: '', expected: Number.NaN },
  { name: 'a longer name', text: 'throttled_usec_total 7\n', expected: Number.NaN },
]) {
  test(`throttled time: ${name}`, () => assert.equal(throttledSeconds(text), expected));
}
