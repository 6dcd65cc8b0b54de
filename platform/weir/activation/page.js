const dark = matchMedia("(prefers-color-scheme: dark)");

function config() {
  const [ink, soft, line] = dark.matches
    ? ["#e6ebf1", "#a3afbd", "#303a46"]
    : ["#1c2430", "#5a6675", "#dde3ea"];
  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  return {
    background: null,
    font,
    view: { stroke: null },
    axis: {
      labelColor: soft, titleColor: soft, titleFontWeight: "normal", labelFontSize: 11, titleFontSize: 12,
      gridColor: line, domainColor: line, tickColor: line,
    },
    legend: { labelColor: ink, labelFontSize: 12, symbolType: "square" },
    rule: { color: soft },
  };
}

async function draw() {
  for (const holder of document.querySelectorAll(".chart")) {
    const spec = JSON.parse(document.getElementById(holder.dataset.spec).textContent);
    await vegaEmbed(holder, spec, {
      actions: false, renderer: "svg", config: config(), tooltip: { theme: dark.matches ? "dark" : "light" },
    });
  }
  document.body.dataset.drawn = "yes";
}

dark.addEventListener("change", draw);
draw();
