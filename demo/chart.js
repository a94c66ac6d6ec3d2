import uPlot from '/vendor/uPlot.esm.js';

/**
 * Makes a chart of the last `span` seconds in `element`, from 0 to 100.
 *
 * `colours` names the CSS property of each line, and `unit` is written behind the numbers. What it returns draws columns:
 * the times in seconds, and the values of each line.
 */
export function createChart(element, { span, colours, unit = '' }) {
  const colour = (name) => () => getComputedStyle(element).getPropertyValue(name);
  const size = () => ({ width: element.clientWidth, height: element.clientHeight });
  const axis = {
    stroke: colour('--muted'),
    font: '13px system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const ago = [span, (span * 2) / 3, span / 3, 0];
  const options = {
    ...size(),
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: () => [seconds() - span, seconds()] }, y: { range: [0, 100] } },
    series: [{}, ...colours.map((name) => ({ stroke: colour(name), width: 1.75, points: { show: false } }))],
    axes: [
      {
        ...axis,
        splits: (chart) => ago.map((past) => chart.scales.x.max - past),
        values: () => ago.map((past) => (past ? `−${past} s` : 'now')),
        size: 32,
      },
      {
        ...axis,
        splits: () => [0, 25, 50, 75, 100],
        values: (_, splits) => splits.map((value) => value + unit),
        size: 40 + 8 * unit.length,
      },
    ],
  };

  const chart = new uPlot(options, [[], ...colours.map(() => [])], element);
  const resizing = new ResizeObserver(() => chart.setSize(size()));
  resizing.observe(element);

  return {
    draw: (columns) => chart.setData(columns),
    remove() {
      resizing.disconnect();
      chart.destroy();
    },
  };
}

/** The time now, as the charts count it. */
export function seconds() {
  return Date.now() / 1000;
}
