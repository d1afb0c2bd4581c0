"""Demand and its forecast: what is known, how sure, and where the model fails.

Open it with `marimo edit notebooks/demand_forecast.py`, or run it as a script:

    python notebooks/demand_forecast.py -- --sales sales.parquet --picture forecast.png

`--sales` takes a CSV or Parquet file of order lines (columns InvoiceNo, StockCode, Quantity,
InvoiceDate, UnitPrice); without it sales are invented. `--quick` trains on little.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Demand forecast")


@app.cell
def _():
    import pathlib
    import tempfile

    import marimo as mo
    import matplotlib
    import numpy as np
    import polars as pl

    matplotlib.use("Agg")  # marimo shows the figures; a script only writes them
    from matplotlib import dates
    from matplotlib import pyplot as plt

    from entrepot.analytics.examples import example_sales
    from entrepot.analytics.features import cap_bulk
    from entrepot.analytics.sales_files import read_sales_file
    from entrepot.analytics.served import forecast_panel

    return (
        cap_bulk,
        dates,
        example_sales,
        forecast_panel,
        mo,
        np,
        pathlib,
        pl,
        plt,
        read_sales_file,
        tempfile,
    )


@app.cell
def _(mo):
    mo.md("""
    # Demand forecast

    Order lines become a weekly panel: cancelled orders are no demand, returns do not lower it,
    weeks without a sale are zeros, the last unfinished week is left out. One gradient-boosted
    model learns from all articles and is checked on past weeks beside two naive methods. Where
    a naive one was clearly better, that one is served, and it says so.
    """)
    return


@app.cell
def _(example_sales, mo, pathlib, read_sales_file, tempfile):
    _arguments = mo.cli_args()
    quick = "quick" in _arguments
    weeks_ahead = int(_arguments.get("weeks") or 13)
    if _arguments.get("sales"):
        sales = read_sales_file(pathlib.Path(str(_arguments.get("sales"))))
    else:
        with tempfile.TemporaryDirectory() as _folder:
            _path = pathlib.Path(_folder) / "sales.parquet"
            example_sales().write_parquet(_path)
            sales = read_sales_file(_path)
    prepared = sales.panel()
    picture = _arguments.get("picture")
    return picture, prepared, quick, sales, weeks_ahead


@app.cell
def _(mo, np, pl, prepared, sales):
    panel = prepared.panel
    _known = ~np.isnan(panel.values)
    facts = pl.DataFrame(
        {
            "what": [
                "order lines",
                "sales voided within a week",
                "returns",
                "lines that are no articles",
                "articles forecast",
                "articles left out",
                "weeks",
                "share of weeks without a sale",
            ],
            "value": [
                float(sales.lines),
                sales.voided,
                sales.returned,
                sales.not_articles,
                len(panel.series),
                len(prepared.rejected),
                panel.week_count,
                round(float((panel.values[_known] == 0).mean()), 3),
            ],
        },
        strict=False,
    )
    mo.vstack([mo.md(f"## Data: {panel.first_week} to {panel.last_week}"), facts])
    return (panel,)


@app.cell
def _(forecast_panel, mo, panel, quick, weeks_ahead):
    served = forecast_panel(
        panel,
        weeks_ahead,
        max_rows=4_000 if quick else 30_000,
        max_iter=12 if quick else 100,
    )
    mo.vstack([mo.md("## Check on past weeks: lower is better"), served.summary])
    return (served,)


@app.cell
def _(mo, pl, served):
    by_method = (
        served.articles.group_by("method", "beats_naive")
        .agg(articles=pl.len(), rmsse=pl.col("rmsse").median())
        .sort("articles", descending=True)
    )
    mo.vstack([mo.md("## What is served, and whether it beat the naive methods"), by_method])
    return


@app.cell
def _(cap_bulk, np, panel, served):
    # Articles worth looking at: the widest range of rhythms, each a busy one of its kind.
    _values = np.nan_to_num(cap_bulk(panel.values))
    _age = panel.age()
    _share = (_values > 0).sum(axis=1) / _age
    _recent = _values[:, -13:].sum(axis=1)
    _year = _values[:, -52:].sum(axis=1)
    _smooth = np.stack([np.roll(_values[:, -60:], k, axis=1) for k in range(8)]).mean(axis=0)
    _swing = _smooth[:, 8:].std(axis=1) / np.maximum(_values[:, -52:].mean(axis=1), 1e-9)
    _same = _values[:, -65:-52].sum(axis=1)  # the same quarter a year ago
    _old = _age > 65
    _method = np.array(served.articles["method"].to_list())
    _groups = {
        "steady": _old & (_share > 0.9) & (_swing < 0.25),
        "seasonal": _old & (_share > 0.6) & (_swing > 0.6) & (_recent > 0.1 * _year),
        "rare": _old & (_share > 0.08) & (_share < 0.4) & (_recent > 0.1 * _year),
        "dying": _old & (_share > 0.4) & (_recent > 0) & (_recent < 0.25 * _same),
        "new": served.articles["history_weeks"].to_numpy() < 40,
        "naive is served": _method != "gradient_boosting",
    }
    chosen = {}
    for _name, _mask in _groups.items():
        _order = np.argsort(-_year * _mask)
        _first = next((i for i in _order if _mask[i] and i not in chosen.values()), None)
        if _first is not None:
            chosen[_name] = int(_first)
    return (chosen,)


@app.cell
def _(chosen, dates, np, panel, pathlib, picture, pl, plt, served):
    _ink, _blue, _orange = "#2f3437", "#2b6cb0", "#dd6b20"
    figure = plt.figure(figsize=(12, 11), layout="constrained")
    _grid = figure.add_gridspec(4, 2, height_ratios=(1.25, 1, 1, 1))
    _weeks = np.array(panel.weeks(), dtype="datetime64[D]")

    def _draw(axes, title, past, points, shown=78):
        axes.plot(_weeks[-shown:], past[-shown:], color=_ink, lw=1.1, label="sold")
        _ahead = points["week"].to_numpy().astype("datetime64[D]")
        if "low" in points.columns:
            axes.fill_between(
                _ahead,
                points["low"],
                points["high"],
                color=_blue,
                alpha=0.22,
                lw=0,
                label="8 weeks in 10",
            )
        axes.plot(_ahead, points["mean"], color=_blue, lw=2, label="forecast (mean)")
        _then = past[len(past) - 52 : len(past) - 52 + len(_ahead)] if len(past) >= 52 else []
        if len(_then):
            axes.plot(_ahead, _then, color=_orange, lw=1, ls="--", label="same weeks a year ago")
        axes.axvline(_weeks[-1], color="#9aa0a6", lw=0.8)
        axes.set_title(title, loc="left", fontsize=10, color=_ink)
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        _locator = dates.AutoDateLocator(minticks=3, maxticks=8)
        axes.xaxis.set_major_locator(_locator)
        axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(_locator))

    _total = figure.add_subplot(_grid[0, :])
    _draw(
        _total,
        f"All {len(panel.series)} articles, units a week",
        np.nansum(panel.values, axis=0),
        served.points.group_by("week").agg(pl.col("mean").sum()).sort("week"),
        shown=panel.week_count,
    )
    for _place, (_kind, _row) in enumerate(chosen.items()):
        _axes = figure.add_subplot(_grid[1 + _place // 2, _place % 2])
        _series = panel.series[_row]
        _article = served.articles.row(_row, named=True)
        _said = {True: "beat naive", False: "naive was better", None: "too close to call"}
        _checked = _said[_article["beats_naive"]] if _article["folds"] else "too young to check"
        _draw(
            _axes,
            f"{_kind}: {_series} · {_article['method'].replace('_', ' ')}, {_checked}",
            panel.values[_row],
            served.points.filter(pl.col("series") == _series).sort("week"),
        )
        if _place == 0:
            _handles, _labels = _axes.get_legend_handles_labels()
    figure.legend(_handles, _labels, fontsize=9, frameon=False, loc="upper right", ncols=4)
    figure.suptitle("Weekly demand and its forecast", fontsize=14, x=0.01, ha="left", color=_ink)
    if picture:
        figure.savefig(pathlib.Path(str(picture)), dpi=110)
    figure  # noqa: B018  (a cell shows its last expression)
    return


@app.cell
def _(mo, pl, served):
    worst = (
        served.articles.filter(pl.col("rmsse").is_not_null())
        .with_columns(
            lost_by=pl.col("rmsse") - pl.min_horizontal("rmsse_seasonal_naive", "rmsse_naive")
        )
        .sort("lost_by", descending=True)
        .head(10)
    )
    mo.vstack([mo.md("## Where the model fails: the ten largest losses to naive"), worst])
    return


if __name__ == "__main__":
    app.run()
