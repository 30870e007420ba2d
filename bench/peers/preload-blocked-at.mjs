// blocked-at with the threshold of Loopsight instead of its own 20 ms.
import blockedAt from 'blocked-at';

blockedAt(() => {}, { threshold: 100 });
