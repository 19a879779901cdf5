/* SPDX-License-Identifier: MIT */
/* What a report of hakmem-tune does in a browser: charts from the data at the file's end, tables that sort and filter,
 * tabs, the theme, buttons that copy. All figures are in the tables, which stand without it. */
(function () {
    "use strict";
    var root = document.documentElement;
    var data = JSON.parse(document.getElementById("data").textContent);
    var charts = [];
    root.classList.add("js");

    function all(selector, within) {
        return Array.prototype.slice.call((within || document).querySelectorAll(selector));
    }
    function make(name, text, attributes) {
        var element = document.createElement(name);
        if (text !== undefined && text !== null) element.textContent = text;
        Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
        return element;
    }
    function color(name) {
        return getComputedStyle(root).getPropertyValue("--" + name).trim();
    }
    function alpha(name, share) {
        var hex = color(name).slice(1);
        if (hex.length === 3) hex = hex.replace(/./g, "$&$&");
        return "rgba(" + [0, 2, 4].map(function (at) { return parseInt(hex.substr(at, 2), 16); }).join(",") + "," + share + ")";
    }
    var names = ["blue", "orange", "green", "purple", "pink", "teal", "brown"];
    function percent(value, digits) {
        return (value >= 0 ? "+" : "\u2212") + Math.abs(value).toFixed(digits === undefined ? 1 : digits) + " %";
    }
    function range(triple) {
        return triple ? percent(triple[0]) + (triple[1] === null ? "" : " (" + percent(triple[1]) + " to " + percent(triple[2]) + ")") : "not known";
    }

    /* --- charts: what they have in common ------------------------------------------------------------------------- */

    /* Intervals of points that have xl and xh, or yl and yh, below the points. */
    var whiskers = {
        id: "whiskers",
        beforeDatasetDraw: function (chart, args) {
            var set = chart.data.datasets[args.index], context = chart.ctx, x = chart.scales.x, y = chart.scales.y;
            if (!set.whiskers || !chart.isDatasetVisible(args.index)) return;
            context.save();
            context.beginPath();
            context.rect(chart.chartArea.left, chart.chartArea.top, chart.chartArea.width, chart.chartArea.height);
            context.clip();
            context.lineWidth = set.whiskerWidth || 1;
            set.data.forEach(function (point, index) {
                var place = args.meta.data[index];
                if (!place) return;
                context.strokeStyle = Array.isArray(set.whiskers) ? set.whiskers[index] : set.whiskers;
                context.beginPath();
                if (typeof point.xl === "number") {
                    context.moveTo(x.getPixelForValue(point.xl), place.y);
                    context.lineTo(x.getPixelForValue(point.xh), place.y);
                }
                if (typeof point.yl === "number") {
                    context.moveTo(place.x, y.getPixelForValue(point.yl));
                    context.lineTo(place.x, y.getPixelForValue(point.yh));
                }
                context.stroke();
            });
            context.restore();
        }
    };
    /* Behind all: spans of the x axis with names, spans of the y axis, and the lines of 0. */
    var ground = {
        id: "ground",
        beforeDatasetsDraw: function (chart, args, options) {
            var context = chart.ctx, area = chart.chartArea, x = chart.scales.x, y = chart.scales.y;
            context.save();
            context.beginPath();
            context.rect(area.left, area.top, area.width, area.height);
            context.clip();
            (options.spans || []).forEach(function (span) {
                var left = x.getPixelForValue(span.from), right = x.getPixelForValue(span.to);
                context.fillStyle = span.fill;
                context.fillRect(left, area.top, right - left, area.height);
                context.fillStyle = color("soft");
                context.font = "11px system-ui, sans-serif";
                if (right - left > context.measureText(span.name).width + 8) context.fillText(span.name, left + 4, area.top + 12);
            });
            (options.bands || []).forEach(function (band) {
                var top = y.getPixelForValue(band.high), bottom = y.getPixelForValue(band.low);
                context.fillStyle = band.fill;
                context.fillRect(area.left, top, area.width, bottom - top);
                context.strokeStyle = band.line;
                context.beginPath();
                context.moveTo(area.left, y.getPixelForValue(band.middle));
                context.lineTo(area.right, y.getPixelForValue(band.middle));
                context.stroke();
            });
            context.strokeStyle = color("soft");
            context.lineWidth = 1;
            context.beginPath();
            if (options.zeroX && x.min < 0 && x.max > 0) {
                context.moveTo(x.getPixelForValue(0), area.top);
                context.lineTo(x.getPixelForValue(0), area.bottom);
            }
            if (options.zeroY && y.min < 0 && y.max > 0) {
                context.moveTo(area.left, y.getPixelForValue(0));
                context.lineTo(area.right, y.getPixelForValue(0));
            }
            context.stroke();
            context.restore();
        }
    };
    /* Turns as rectangles in lanes. */
    var lanes = {
        id: "lanes",
        afterDatasetsDraw: function (chart, args, options) {
            var context = chart.ctx, area = chart.chartArea, x = chart.scales.x, y = chart.scales.y;
            if (!options.turns) return;
            context.save();
            context.beginPath();
            context.rect(area.left, area.top, area.width, area.height);
            context.clip();
            options.turns.forEach(function (turns, lane) {
                var height = Math.abs(y.getPixelForValue(0) - y.getPixelForValue(1)) * 0.62, middle = y.getPixelForValue(lane);
                context.fillStyle = lane ? color(names[(lane - 1) % names.length]) : color("dots");
                for (var i = 0; i + 1 < turns.length; i += 2) {
                    var left = x.getPixelForValue(turns[i]), right = x.getPixelForValue(turns[i] + turns[i + 1]);
                    context.fillRect(left, middle - height / 2, Math.max(right - left - 0.3, 0.8), height);
                }
            });
            context.restore();
        }
    };

    function axis(title, more) {
        return Object.assign({
            title: {display: !!title, text: title, color: color("soft")},
            grid: {color: color("line"), drawBorder: false},
            ticks: {color: color("soft"), maxRotation: 0, autoSkipPadding: 14}
        }, more || {});
    }
    function signed(more) {
        return Object.assign({color: color("soft"), maxRotation: 0, autoSkipPadding: 14, callback: function (value) {
            var rounded = Math.round(value * 100) / 100;
            return rounded === 0 ? "0" : (rounded > 0 ? "+" : "\u2212") + Math.abs(rounded);
        }}, more || {});
    }
    function options(x, y, plugins, labels) {
        return {
            animation: false, responsive: true, maintainAspectRatio: false,
            interaction: {mode: "nearest", intersect: true},
            scales: {x: x, y: y},
            plugins: Object.assign({
                legend: {display: false, position: "bottom", labels: {color: color("ink"), usePointStyle: true, boxHeight: 7}},
                tooltip: {callbacks: {label: labels}, displayColors: false, padding: 9}
            }, plugins)
        };
    }
    function legend() {
        return {display: true, position: "bottom", labels: {color: color("ink"), usePointStyle: true, boxHeight: 7,
            filter: function (item) { return item.text; }}};
    }
    /* Lines of at most so many letters. */
    function wrap(text) {
        var lines = [""];
        text.split(", ").forEach(function (part) {
            if ((lines[lines.length - 1] + part).length > 56 && lines[lines.length - 1]) lines.push("");
            lines[lines.length - 1] += (lines[lines.length - 1] ? ", " : "") + part;
        });
        return lines.length > 8 ? lines.slice(0, 8).concat("\u2026") : lines;
    }
    /* The least and the most of VALUES without those that are far off, and of MUST. */
    function bounds(values, must) {
        var sorted = values.slice().sort(function (a, b) { return a - b; });
        var low = sorted[Math.floor(sorted.length / 4)], high = sorted[Math.floor(sorted.length * 3 / 4)], reach = 2 * (high - low) + 0.2;
        var inside = sorted.filter(function (value) { return value >= low - reach && value <= high + reach; }).concat(must);
        return nice(Math.min.apply(null, inside), Math.max.apply(null, inside));
    }
    /* Bounds on round numbers, with some room. */
    function nice(least, most) {
        var span = Math.max(most - least, 0.4), power = Math.pow(10, Math.floor(Math.log10(span / 6))), ratio = span / 6 / power;
        var step = power * (ratio > 5 ? 10 : ratio > 2 ? 5 : ratio > 1 ? 2 : 1);
        return {min: Math.floor((least - 0.04 * span) / step) * step, max: Math.ceil((most + 0.04 * span) / step) * step};
    }
    /* Ticks at 0, 1, 2... alone: an axis of names. */
    function whole(count) {
        return function (scale) {
            scale.ticks = [];
            for (var value = 0; value < count; value++) scale.ticks.push({value: value});
        };
    }
    function outside(values, bound) {
        return values.filter(function (value) { return value < bound.min || value > bound.max; }).length;
    }
    function flat(triples) {
        return triples.filter(Boolean).reduce(function (list, triple) { return list.concat(triple); }, []).filter(function (value) { return value !== null; });
    }

    /* --- charts of sessions --------------------------------------------------------------------------------------- */

    function point(triple, other) {
        return {x: triple[0], xl: triple[1], xh: triple[2], y: other[0], yl: other[1], yh: other[2]};
    }
    function chartFront(session) {
        var trials = session.trials.filter(function (trial) { return trial.time && trial.memory; });
        var finalists = session.finalists.filter(function (finalist) { return finalist.time && finalist.memory; });
        var times = trials.map(function (trial) { return trial.time[0]; }), memories = trials.map(function (trial) { return trial.memory[0]; });
        var x = bounds(times.length ? times : [0], flat(finalists.map(function (f) { return f.time; })).concat(0));
        var y = bounds(memories.length ? memories : [0], flat(finalists.map(function (f) { return f.memory; })).concat(0));
        var hidden = trials.filter(function (trial) { return outside([trial.time[0]], x) || outside([trial.memory[0]], y); }).length;
        var sets = finalists.map(function (finalist, index) {
            return {label: finalist.name, data: [Object.assign(point(finalist.time, finalist.memory), {of: finalist})], backgroundColor: color(names[index % names.length]),
                borderColor: color(names[index % names.length]), pointRadius: finalist.won ? 7 : 5, pointStyle: finalist.won ? "rectRot" : "circle", pointHoverRadius: 9,
                whiskers: color(names[index % names.length]), whiskerWidth: 2};
        });
        sets.push({label: "default", data: [{x: 0, y: 0}], pointStyle: "crossRot", pointRadius: 7, borderColor: color("ink"), borderWidth: 2.5});
        sets.push({label: "candidates of the search", data: trials.map(function (trial) { return Object.assign(point(trial.time, trial.memory), {of: trial}); }),
            backgroundColor: alpha("dots", 0.75), borderColor: alpha("dots", 0), pointRadius: 3, pointHoverRadius: 6, whiskers: alpha("dots", 0.3)});
        return {type: "scatter", data: {datasets: sets}, options: options(
            axis("change in time, %", Object.assign({ticks: signed()}, x)), axis("change in " + session.memory + ", %", Object.assign({ticks: signed()}, y)),
            {legend: legend(), ground: {zeroX: true, zeroY: true},
                subtitle: {display: hidden > 0, text: hidden + (hidden === 1 ? " candidate is" : " candidates are") + " far outside; the table has them", color: color("soft"), padding: {bottom: 8}}},
            function (item) {
                var of = item.raw.of;
                if (!of) return "the default";
                return [(of.n ? "candidate " + of.n : of.name) + ": time " + range(of.time), session.memory + " " + range(of.memory)].concat(wrap(of.changes));
            })};
    }
    function spansOf(session) {
        var fills = {search: alpha("blue", 0.06), "play-off": alpha("teal", 0.1), simplification: alpha("purple", 0.08), proof: alpha("green", 0.08), calibration: alpha("dots", 0.1)};
        return session.stages.map(function (stage, index) {
            var next = session.stages[index + 1];
            return {name: stage.name, from: stage.at, to: next ? next.at : stage.at, fill: fills[stage.name] || "transparent"};
        });
    }
    function chartSearch(session) {
        var trials = session.trials.filter(function (trial) { return trial.gain; }), failed = session.trials.filter(function (trial) { return trial.failed; });
        var gains = trials.map(function (trial) { return trial.gain[0]; }), y = bounds(gains.length ? gains : [0], [0]);
        y = nice(y.min, y.max + 0.1 * (y.max - y.min));
        var stages = session.stages, end = stages.length ? stages[stages.length - 1].at : undefined, best = 0, line = [{x: 0, y: 0}];
        session.trials.slice().sort(function (a, b) { return a.at - b.at; }).forEach(function (trial) {
            if (typeof trial.sure === "number" && trial.sure > best) { best = trial.sure; line.push({x: trial.at, y: best}); }
        });
        if (end !== undefined) line.push({x: end, y: best});
        return {type: "scatter", data: {datasets: [
            {label: "candidate", data: trials.map(function (trial) { return {x: trial.at, y: trial.gain[0], yl: trial.gain[1], yh: trial.gain[2], of: trial}; }),
                backgroundColor: color("blue"), pointRadius: 3.5, pointHoverRadius: 7, whiskers: alpha("blue", 0.35)},
            {label: failed.length ? "failed" : "", data: failed.map(function (trial) { return {x: trial.at, y: y.min, of: trial}; }), pointStyle: "crossRot", pointRadius: 5, borderColor: color("red"), borderWidth: 2},
            {label: "best that was sure", type: "line", data: line, stepped: "before", borderColor: color("orange"), borderWidth: 2.5, pointRadius: 0, pointHitRadius: 0, pointStyle: "line"}
        ]}, options: options(axis("seconds of the session", {min: 0, max: end}), axis("gain in " + session.objective + ", %", Object.assign({ticks: signed()}, y)),
            {legend: legend(), ground: {zeroY: true, spans: spansOf(session)},
                subtitle: {display: outside(gains, y) > 0, text: outside(gains, y) + " far outside; the table has them", color: color("soft"), padding: {bottom: 8}}},
            function (item) {
                var of = item.raw.of;
                return of ? ["candidate " + of.n + (of.failed ? ": failed" : ": " + range(of.gain))].concat(wrap(of.changes)) : "best so far " + percent(item.raw.y);
            })};
    }
    function chartShare(session, place) {
        var settings = session.settings.filter(function (setting) { return setting.share >= 1; }).slice(0, 12);
        place.style.height = 4 + 1.7 * Math.max(settings.length, 1) + "rem";
        return {type: "bar", data: {labels: settings.map(function (setting) { return setting.key; }),
            datasets: [{data: settings.map(function (setting) { return setting.share; }), backgroundColor: alpha("blue", 0.75), maxBarThickness: 18}]},
            options: Object.assign(options(axis("share of the differences that it explains, %", {min: 0}), axis("", {grid: {display: false}, ticks: {autoSkip: false, color: color("ink")}}), {}, function (item) {
                return [item.formattedValue + " %"].concat(wrap(settings[item.dataIndex].what.replace(/; /g, ", ")));
            }), {indexAxis: "y"})};
    }
    function tools(place, parts) {
        var row = place.previousElementSibling;
        if (!row || !row.classList.contains("tools")) {
            row = make("div", null, {"class": "tools"});
            place.parentNode.insertBefore(row, place);
            parts().forEach(function (part) { row.appendChild(part); });
        }
        return row;
    }
    function labelled(text, control) {
        var label = make("label", text + " ");
        label.appendChild(control);
        return label;
    }
    function select(choices, change) {
        var control = make("select");
        choices.forEach(function (choice, index) { control.appendChild(make("option", choice, {value: index})); });
        control.addEventListener("change", change);
        return control;
    }
    function chartEffect(session, place, again) {
        var settings = session.settings.filter(function (setting) { return setting.levels.length > 1; });
        if (!settings.length) return null;
        var row = tools(place, function () {
            return [labelled("Setting", select(settings.map(function (setting) { return setting.key; }), again)), make("span")];
        });
        var setting = settings[row.querySelector("select").selectedIndex], levels = setting.levels;
        row.querySelector("span").textContent = setting.what;
        return {type: "scatter", data: {datasets: [{data: levels.map(function (level, index) { return {x: index, y: level.gain[0], yl: level.gain[1], yh: level.gain[2], of: level}; }),
            backgroundColor: levels.map(function (level) { return level.usual ? color("ink") : color("blue"); }),
            pointStyle: levels.map(function (level) { return level.usual ? "crossRot" : "circle"; }), borderColor: color("ink"), borderWidth: levels.map(function (level) { return level.usual ? 2.5 : 0; }),
            pointRadius: 6, pointHoverRadius: 8, whiskers: alpha("blue", 0.6), whiskerWidth: 2}]},
            options: options(axis("", {type: "linear", min: -0.5, max: levels.length - 0.5, grid: {display: false}, afterBuildTicks: whole(levels.length), ticks: {color: color("soft"), autoSkip: true, maxRotation: 40,
                callback: function (value) { return levels[value] ? levels[value].value + (levels[value].usual ? " (default)" : "") : ""; }}}),
            axis("gain in " + session.objective + ", %", Object.assign({ticks: signed()}, bounds([0], flat(levels.map(function (level) { return level.gain; })).concat(0)))), {ground: {zeroY: true}}, function (item) {
                var level = item.raw.of;
                return [level.value + (level.usual ? ", the default" : ": " + range(level.gain)), level.candidates + (level.candidates === 1 ? " candidate" : " candidates")];
            })};
    }
    function chartPairs(session) {
        var count = session.finalists.length, values = [];
        var sets = session.finalists.map(function (finalist, index) {
            var points = [];
            session.pairs.forEach(function (pair, number) {
                pair.gains.forEach(function (gain) {
                    if (gain[0] !== index || gain[1] === null) return;
                    points.push({x: number + 1 + (index - (count - 1) / 2) * 0.12, y: gain[1], pair: number + 1, name: finalist.name});
                    values.push(gain[1]);
                });
            });
            return {label: finalist.name, data: points, backgroundColor: alpha(names[index % names.length], finalist.won || count === 1 ? 1 : 0.55), pointRadius: finalist.won ? 4.5 : 3.5, pointHoverRadius: 7};
        });
        var bands = session.finalists.map(function (finalist, index) {
            return finalist.gain && (finalist.won || count === 1) ? {low: finalist.gain[1], high: finalist.gain[2], middle: finalist.gain[0],
                fill: alpha(names[index % names.length], 0.12), line: color(names[index % names.length])} : null;
        }).filter(Boolean);
        var y = bounds(values.length ? values : [0], [0]);
        return {type: "scatter", data: {datasets: sets}, options: options(
            axis("pair", {min: 0.4, max: session.pairs.length + 0.6, grid: {display: false}, ticks: {color: color("soft"), maxRotation: 0, autoSkipPadding: 14,
                callback: function (value) { return value === Math.round(value) ? value : ""; }}, afterBuildTicks: function (scale) {
                scale.ticks = session.pairs.map(function (pair, index) { return {value: index + 1}; }); }}),
            axis("gain in " + session.objective + ", %", Object.assign({ticks: signed()}, y)), {legend: legend(), ground: {zeroY: true, bands: bands},
                subtitle: {display: outside(values, y) > 0, text: outside(values, y) + " far outside; the table has them", color: color("soft"), padding: {bottom: 8}}},
            function (item) { return item.raw.name + ", pair " + item.raw.pair + ": " + percent(item.raw.y, 2); })};
    }
    function chartLanes(session, place, again) {
        var kept = session.pairs.map(function (pair, index) { return Object.assign({number: index + 1}, pair); }).filter(function (pair) { return pair.turns; });
        if (!kept.length) return null;
        var windows = [["all of it", 0], ["1 s", 1], ["0.25 s", 0.25]];
        var row = tools(place, function () {
            var slider = make("input", null, {type: "range", min: 0, max: 1000, value: 0, "aria-label": "Where the window begins"});
            slider.addEventListener("input", again);
            var wide = select(windows.map(function (item) { return item[0]; }), again);
            wide.selectedIndex = 1;
            return [labelled("Pair", select(kept.map(function (pair) { return pair.number; }), again)), labelled("Window", wide), slider];
        });
        var controls = all("select", row), slider = row.querySelector("input"), pair = kept[controls[0].selectedIndex], begin = Infinity, end = 0;
        pair.turns.forEach(function (turns) {
            if (!turns.length) return;
            begin = Math.min(begin, turns[0]);
            end = Math.max(end, turns[turns.length - 2] + turns[turns.length - 1]);
        });
        var wide = windows[controls[1].selectedIndex][1], room = end - begin - wide;
        slider.hidden = !wide || room <= 0;
        var from = wide && room > 0 ? begin + room * slider.value / 1000 : begin, to = wide && room > 0 ? from + wide : end;
        place.style.height = 4.2 + 2.3 * pair.turns.length + "rem";
        return {type: "scatter", data: {datasets: [{data: []}]}, options: options(
            axis("seconds since the race began", {min: from, max: to, ticks: {color: color("soft"), maxRotation: 0, callback: function (value) { return Math.round(value * 1000) / 1000; }}}),
            axis("", {min: -0.5, max: pair.turns.length - 0.5, reverse: true, grid: {display: false}, afterBuildTicks: whole(pair.turns.length), ticks: {autoSkip: false, color: color("ink"), callback: function (value) { return pair.lanes[value] || ""; }}}),
            {lanes: {turns: pair.turns}}, function () { return ""; })};
    }

    /* --- the chart of a comparison -------------------------------------------------------------------------------- */

    function chartWhisker(work, place, again) {
        var row = tools(place, function () { return [labelled("Change in", select(work.metrics.map(function (metric) { return metric.title; }), again))]; });
        var metric = work.metrics[row.querySelector("select").selectedIndex], isFirst = metric === work.metrics[0];
        place.style.height = 4.5 + 2.1 * work.labels.length + "rem";
        var points = [], colors = [];
        metric.figures.forEach(function (figure, index) {
            if (!figure) return;
            points.push({x: figure[0], y: index, xl: figure[1], xh: figure[2], of: figure});
            colors.push(!isFirst ? color("blue") : color({good: "good", bad: "bad"}[work.moods[index]] || "dots"));
        });
        var x = bounds(points.map(function (p) { return p.x; }).concat(0), flat(metric.figures).concat(0));
        return {type: "scatter", data: {datasets: [{data: points, backgroundColor: colors, pointRadius: 6, pointHoverRadius: 8, whiskers: colors, whiskerWidth: 2.5}]},
            options: options(axis("change in " + metric.title + " against " + work.baseline + ", %", Object.assign({ticks: signed()}, x)),
                axis("", {min: -0.5, max: work.labels.length - 0.5, reverse: true, grid: {display: false}, afterBuildTicks: whole(work.labels.length), ticks: {autoSkip: false, color: color("ink"),
                    callback: function (value) { var label = work.labels[value] || ""; return label.length > 26 ? label.slice(0, 25) + "\u2026" : label; }}}),
                {ground: {zeroX: true}}, function (item) { return work.labels[item.raw.y] + ": " + range(item.raw.of); })};
    }

    /* --- making them ---------------------------------------------------------------------------------------------- */

    var kinds = {front: chartFront, search: chartSearch, share: chartShare, effect: chartEffect, pairs: chartPairs, lanes: chartLanes, whisker: chartWhisker};
    function draw(place) {
        var path = place.getAttribute("data-of").split("."), of = path.reduce(function (value, key) { return value[key]; }, data);
        var old = charts.filter(function (made) { return made.place === place; })[0];
        if (old) old.chart.destroy();
        charts = charts.filter(function (made) { return made.place !== place; });
        var config = kinds[place.getAttribute("data-kind")](of, place, function () { draw(place); });
        if (!config) {
            place.hidden = true;
            return;
        }
        config.plugins = [whiskers, ground, lanes];
        charts.push({place: place, chart: new Chart(place.querySelector("canvas"), config)});
    }
    /* What is hidden has no size yet. */
    function drawAll() {
        all(".chart").forEach(function (place) { if (place.offsetParent !== null || !place.closest("[hidden]")) draw(place); });
    }
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

    /* --- the theme ------------------------------------------------------------------------------------------------ */

    var themes = ["auto", "light", "dark"], theme = document.getElementById("theme");
    function remembered() {
        try { return localStorage.getItem("hakmem-tune-theme"); } catch (error) { return null; }
    }
    function setTheme(name) {
        if (name === "auto") root.removeAttribute("data-theme");
        else root.setAttribute("data-theme", name);
        theme.textContent = "Theme: " + name;
    }
    theme.hidden = false;
    setTheme(themes.indexOf(remembered()) > 0 ? remembered() : "auto");
    theme.addEventListener("click", function () {
        var next = themes[(themes.indexOf(root.getAttribute("data-theme") || "auto") + 1) % themes.length];
        setTheme(next);
        try { localStorage.setItem("hakmem-tune-theme", next); } catch (error) { /* a file may not be let */ }
        drawAll();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

    /* --- tabs and the bar ----------------------------------------------------------------------------------------- */

    var tabs = all("[role=tab]"), parts = all(".part");
    function fillBar() {
        var bar = document.getElementById("nav"), within = parts.filter(function (part) { return !part.hidden; })[0] || document;
        bar.textContent = "";
        all("section", within).forEach(function (section) {
            var text = section.getAttribute("data-nav");
            if (text) bar.appendChild(make("a", text, {href: "#" + section.id}));
        });
    }
    function show(index) {
        tabs.forEach(function (tab, i) {
            tab.setAttribute("aria-selected", i === index ? "true" : "false");
            tab.tabIndex = i === index ? 0 : -1;
            parts[i].hidden = i !== index;
        });
        fillBar();
        all(".chart", parts[index]).forEach(draw);
    }
    tabs.forEach(function (tab, index) {
        parts[index].setAttribute("role", "tabpanel");
        tab.addEventListener("click", function () { show(index); });
        tab.addEventListener("keydown", function (event) {
            var step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
            if (!step) return;
            var next = (index + step + tabs.length) % tabs.length;
            show(next);
            tabs[next].focus();
            event.preventDefault();
        });
    });

    /* --- tables --------------------------------------------------------------------------------------------------- */

    var units = {bytes: 1, KiB: 1024, MiB: 1048576, GiB: 1073741824, TiB: 1099511627776, ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1};
    /* The number that a cell begins with, in its unit's smallest; NaN: none. */
    function number(text) {
        var match = /^([+\-\u2212]?[\d.,]+)\s*([A-Za-z]*)/.exec(text);
        return match ? parseFloat(match[1].replace(/,/g, "").replace("\u2212", "-")) * (units[match[2]] || 1) : NaN;
    }
    function compare(a, b) {
        var x = number(a), y = number(b);
        if (isNaN(x) && isNaN(y)) return a < b ? -1 : a > b ? 1 : 0;
        return isNaN(x) ? 1 : isNaN(y) ? -1 : x - y;
    }
    function sortBy(table, heading, column) {
        var down = heading.getAttribute("aria-sort") === "ascending", body = table.tBodies[0];
        all("th", table).forEach(function (other) { other.removeAttribute("aria-sort"); });
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        all("tr", body).map(function (row, index) { return {row: row, index: index, text: row.cells[column].textContent}; }).sort(function (a, b) {
            var known = isNaN(number(a.text)) === isNaN(number(b.text)), order = compare(a.text, b.text);
            return (known && down ? -order : order) || a.index - b.index;
        }).forEach(function (item) { body.appendChild(item.row); });
    }
    function addFilter(frame, table) {
        var rows = all("tbody tr", table), found = make("span", rows.length + " rows", {"aria-live": "polite"});
        var field = make("input", null, {type: "search", placeholder: "Filter rows", "aria-label": "Filter the rows of: " + frame.getAttribute("aria-label")});
        var row = make("div", null, {"class": "tools"});
        if (rows.length < 6) return;
        field.addEventListener("input", function () {
            var words = field.value.toLowerCase().split(/\s+/).filter(Boolean), count = 0;
            rows.forEach(function (line) {
                var text = line.textContent.toLowerCase(), shown = words.every(function (word) { return text.indexOf(word) >= 0; });
                line.hidden = !shown;
                count += shown ? 1 : 0;
            });
            found.textContent = count === rows.length ? count + " rows" : count + " of " + rows.length + " rows";
        });
        row.appendChild(field);
        row.appendChild(found);
        frame.parentNode.insertBefore(row, frame);
    }
    all(".table.sorts").forEach(function (frame) {
        var table = frame.querySelector("table");
        all("thead th", table).forEach(function (heading, column) {
            var button = make("button", heading.textContent, {type: "button", title: "Sort by this column"});
            button.addEventListener("click", function () { sortBy(table, heading, column); });
            heading.textContent = "";
            heading.appendChild(button);
        });
        addFilter(frame, table);
    });

    /* --- copying -------------------------------------------------------------------------------------------------- */

    function select_text(element) {
        var span = document.createRange();
        span.selectNodeContents(element);
        getSelection().removeAllRanges();
        getSelection().addRange(span);
    }
    all(".copy").forEach(function (figure) {
        var button = make("button", "Copy", {type: "button"}), text = figure.querySelector("pre");
        function done(good) {
            button.textContent = good ? "Copied" : "Selected";
            setTimeout(function () { button.textContent = "Copy"; }, 1500);
        }
        function by_hand() {
            select_text(text);
            done(document.execCommand("copy"));
        }
        button.addEventListener("click", function () {
            if (navigator.clipboard) navigator.clipboard.writeText(text.textContent).then(function () { done(true); }, by_hand);
            else by_hand();
        });
        figure.querySelector("figcaption").appendChild(button);
    });

    /* --- paper ---------------------------------------------------------------------------------------------------- */

    var before = "auto", chosen = 0;
    addEventListener("beforeprint", function () {
        before = root.getAttribute("data-theme") || "auto";
        chosen = parts.map(function (part) { return !part.hidden; }).indexOf(true);
        setTheme("light");
        parts.forEach(function (part) { part.hidden = false; });
        all(".chart").forEach(draw);
    });
    addEventListener("afterprint", function () {
        setTheme(before);
        if (parts.length) show(Math.max(chosen, 0));
        drawAll();
    });

    if (tabs.length) {
        document.querySelector(".tabs").hidden = false;
        show(0);
    } else {
        fillBar();
        drawAll();
    }
}());
