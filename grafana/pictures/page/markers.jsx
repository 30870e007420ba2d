// Markers of deploys and restarts, as Grafana draws annotations.
import { useLayoutEffect } from 'react';

/** When a query of markers puts some: its values, or where its series begin. */
export function markersOf({ name, iconColor, useValueForTime }, { answers, stepMs }) {
  return (answers[`annotation ${name}`] ?? []).flatMap(({ values }) => {
    const timesMs = useValueForTime
      ? [...new Set(values.map(([, value]) => value))]
      : values.filter(isStart(stepMs)).map(([seconds]) => seconds * 1000);
    return timesMs.map((timeMs) => ({ timeMs, color: iconColor }));
  });
}

function isStart(stepMs) {
  return ([seconds], index, values) => index === 0 || (seconds - values[index - 1][0]) * 1000 > stepMs;
}

/** A dashed line for each, in its colour, and a triangle at its foot. */
export function Markers({ config, markers }) {
  useLayoutEffect(() => {
    config.addHook('draw', (plot) => drawMarkers(plot, markers));
  }, [config, markers]);
  return null;
}

const FOOT_PX = 5;

export function drawMarkers({ ctx, bbox, scales, valToPos }, markers) {
  const bottom = bbox.top + bbox.height;
  ctx.save();
  for (const { timeMs, color } of markers) {
    if (timeMs < scales.x.min || timeMs > scales.x.max) continue;
    const x = Math.round(valToPos(timeMs, 'x', true));
    ctx.strokeStyle = color;
    ctx.fillStyle = color;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 5 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    const foot = FOOT_PX * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x - foot, bottom + foot);
    ctx.lineTo(x + foot, bottom + foot);
    ctx.lineTo(x, bottom);
    ctx.fill();
  }
  ctx.restore();
}
