// Draws <div data-chart="id-of-json">: the JSON is ECharts' own option, written by json_script; the table stands below.
"use strict";
(() => {
  const drawn = new Set();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  function dressed(option) {
    const axis = { axisLabel: { color: colour("--ink-soft") }, axisLine: { lineStyle: { color: colour("--line") } }, splitLine: { lineStyle: { color: colour("--line") } } };
    const grid = { left: 8, right: 16, top: 28, bottom: 8, containLabel: true };
    const merge = (given) => (Array.isArray(given) ? given.map((each) => ({ ...axis, ...each })) : given && { ...axis, ...given });
    return { animation: false, color: [colour("--accent"), colour("--ink-soft")], grid, textStyle: { fontFamily: "inherit" }, tooltip: { trigger: "axis", confine: true }, aria: { enabled: true }, ...option, xAxis: merge(option.xAxis), yAxis: merge(option.yAxis) };
  }
  window.drawChart = (element) => {
    const option = JSON.parse(document.getElementById(element.dataset.chart).textContent);
    const chart = echarts.init(element, null, { renderer: "svg" });
    element.dataset.drawn = "1";
    const draw = () => chart.setOption(dressed(option), true);
    draw();
    drawn.add({ element, chart, draw });
  };
  addEventListener("resize", () => drawn.forEach(({ element, chart }) => element.isConnected && chart.resize()));
  document.addEventListener("theme-changed", () => drawn.forEach(({ element, draw }) => element.isConnected && draw()));
})();
