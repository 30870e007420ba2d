// What the simulated service is like: every figure is a parameter, so that the tables can be had for other worlds too.

/** Parameters of a simulated service; spreads are standard deviations of logarithms. */
export interface World {
  readonly name: string;
  /** Instances of the service. */
  readonly instances: number;
  /** Requests per second and instance in the middle of the day. */
  readonly load: number;
  /** Loop time of a request, seconds. */
  readonly serviceS: number;
  /** Share of requests in the Pareto tail. */
  readonly tail: number;
  /** Loop time that is spent without any request, share of all time. */
  readonly background: number;
  /** Instances differ: other hardware, other neighbours. */
  readonly instanceSpread: number;
  /** What a restart of the same instance alone changes. */
  readonly restartSpread: number;
  /** What requests cost wanders for all instances alike (another mix), and for each alone; with time constants. */
  readonly driftSpread: number;
  readonly driftS: number;
  readonly ownSpread: number;
  readonly ownS: number;
  /** Load: amplitude of the day, autocorrelated noise of all and of each instance. */
  readonly dailyAmplitude: number;
  readonly loadSpread: number;
  readonly loadS: number;
  readonly ownLoadSpread: number;
  /** Requests of the day's peak cost more or less than those of the night, logarithm. */
  readonly dailyCost: number;
  /** Fresh processes: how much dearer at first, logarithm, and how fast that goes. */
  readonly warmUp: number;
  readonly warmUpS: number;
  /** Days of history, and days between deploys in it. */
  readonly historyDays: number;
  readonly deployEveryDays: number;
  /** What an ordinary deploy of the past changed. */
  readonly deploySpread: number;
}

/** The world of the table. */
export const ORDINARY: World = {
  name: 'ordinary',
  instances: 4,
  load: 75,
  serviceS: 0.004,
  tail: 0.01,
  background: 0.01,
  instanceSpread: 0.05,
  restartSpread: 0.02,
  driftSpread: 0.05,
  driftS: 2400,
  ownSpread: 0.03,
  ownS: 1200,
  dailyAmplitude: 0.5,
  loadSpread: 0.1,
  loadS: 1800,
  ownLoadSpread: 0.05,
  dailyCost: 0.03,
  warmUp: 0.5,
  warmUpS: 180,
  historyDays: 3,
  deployEveryDays: 1,
  deploySpread: 0.03,
};

/** Other worlds, each with one thing changed. */
export const OTHER_WORLDS: readonly World[] = [
  { ...ORDINARY, name: 'instances differ by 10 %', instanceSpread: 0.1 },
  { ...ORDINARY, name: 'instances differ by 20 %', instanceSpread: 0.2 },
  { ...ORDINARY, name: 'the mix wanders by 10 %', driftSpread: 0.1 },
  { ...ORDINARY, name: 'the mix wanders by 20 %, slowly', driftSpread: 0.2, driftS: 7200 },
  { ...ORDINARY, name: 'each instance wanders by 10 %', ownSpread: 0.1, ownS: 2400 },
  { ...ORDINARY, name: 'hardly any load', load: 3 },
  { ...ORDINARY, name: 'near its limit', load: 130 },
  { ...ORDINARY, name: 'no tail', tail: 0 },
  { ...ORDINARY, name: 'a heavy tail', tail: 0.04 },
  { ...ORDINARY, name: 'slow warm-up', warmUpS: 900 },
  { ...ORDINARY, name: 'bursts of load', loadSpread: 0.3, ownLoadSpread: 0.2, loadS: 600 },
  { ...ORDINARY, name: 'requests of the day cost 20 % more', dailyCost: 0.1 },
  { ...ORDINARY, name: 'a day of history', historyDays: 1 },
  { ...ORDINARY, name: 'no history', historyDays: 0 },
  { ...ORDINARY, name: 'no deploy in the history', deployEveryDays: 100 },
  { ...ORDINARY, name: 'ten instances', instances: 10 },
];
