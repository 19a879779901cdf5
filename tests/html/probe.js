/* SPDX-License-Identifier: MIT */
/* Put at the end of a copy of a report: uses it as one would with a keyboard, and writes what comes of that into the
 * page's title, for who prints the page. */
(function () {
    "use strict";
    var said = [];
    function say(name, value) { said.push(name + "=" + value); }
    function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
    function isDrawn(canvas) {
        var pixels = canvas.width && canvas.height ? canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data : [];
        for (var i = 3; i < pixels.length; i += 4) if (pixels[i]) return true;
        return false;
    }
    function shown(selector) { return all(selector).filter(function (element) { return element.offsetParent !== null; }); }
    window.alert = function () { say("alert", "called"); };
    addEventListener("load", function () {
        setTimeout(function () {
            var canvases = shown(".chart canvas");
            say("charts", canvases.length);
            say("drawn", canvases.filter(isDrawn).length);
            say("tables", shown("table").length);
            say("links", all("#nav a").length);
            say("wide", document.documentElement.scrollWidth <= innerWidth);

            var table = shown(".sorts table")[0], heading = table.querySelector("th");
            var first = table.tBodies[0].rows[0].cells[0].textContent;
            heading.querySelector("button").click();
            heading.querySelector("button").click();
            say("sorted", heading.getAttribute("aria-sort") + "," + (table.tBodies[0].rows[0].cells[0].textContent !== first));

            var field = shown(".tools input[type=search]")[0];
            if (field) {
                field.value = "no row has these words";
                field.dispatchEvent(new Event("input"));
                say("filtered", table.querySelectorAll("tbody tr:not([hidden])").length);
            }

            var theme = document.getElementById("theme"), colors = [];
            for (var i = 0; i < 3; i++) {
                theme.click();
                colors.push((document.documentElement.getAttribute("data-theme") || "auto") + ":" + (getComputedStyle(document.body).backgroundColor === "rgb(18, 21, 26)" ? "dark" : "light"));
            }
            say("themes", colors.join(","));

            var tabs = all("[role=tab]");
            if (tabs.length) {
                tabs[0].dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
                say("tab", tabs[1].getAttribute("aria-selected") + "," + all(".part").map(function (part) { return part.hidden ? 0 : 1; }).join(""));
                say("tabcharts", shown(".chart canvas").filter(isDrawn).length === shown(".chart canvas").length);
            }
            dispatchEvent(new Event("beforeprint"));
            say("paper", (document.documentElement.getAttribute("data-theme")) + "," + all(".part[hidden]").length);
            document.title = said.join(" ");
        }, 200);
    });
}());
