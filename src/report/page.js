// Draws each chart from the specification that stands beside it, and offers its data as CSV.
(function () {
  "use strict";
  const isDark = window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = isDark ? "#e6e6e6" : "#1b1b1b";
  const config = {
    background: "transparent",
    view: { stroke: null },
    axis: { labelColor: ink, titleColor: ink, gridColor: isDark ? "#3a3d44" : "#e3e3e3", labelLimit: 260 },
    legend: { labelColor: ink, titleColor: ink, labelLimit: 260 },
    header: { labelColor: ink, titleColor: ink },
    text: { color: ink }, rule: { color: ink },
    range: { category: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#b2a800", ink] }
  };
  // Rows that hold a list for each month, as one row a month.
  function unfolded(spec) {
    const months = (spec.params || []).filter(param => param.name === "months")[0];
    if (!months) return spec.data.values;
    return [].concat(...spec.data.values.map(row => months.value.map((month, at) => {
      const one = { month: month };
      Object.keys(row).forEach(name => { one[name] = Array.isArray(row[name]) ? row[name][at] : row[name]; });
      return one;
    })));
  }
  function csv(rows) {
    const names = [];
    rows.forEach(row => Object.keys(row).forEach(name => { if (!names.includes(name)) names.push(name); }));
    const cell = value => {
      const text = value === null || value === undefined ? "" : String(value);
      return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    };
    return [names.map(cell).join(",")].concat(rows.map(row => names.map(name => cell(row[name])).join(","))).join("\n") + "\n";
  }
  document.querySelectorAll("figure[data-chart]").forEach(figure => {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Data as CSV";
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv(unfolded(spec))], { type: "text/csv" }));
      link.download = figure.dataset.chart + ".csv";
      link.click();
    });
    figure.appendChild(button);
    if (typeof vegaEmbed === "undefined") return;
    vegaEmbed(figure.querySelector(".canvas"), spec, { actions: false, renderer: "svg", config: config, logLevel: 1 })
      .then(() => { figure.dataset.drawn = "yes"; })
      .catch(error => { figure.dataset.drawn = "no"; figure.querySelector(".canvas").textContent = "This chart could not be drawn: " + error.message; });
  });
}());
