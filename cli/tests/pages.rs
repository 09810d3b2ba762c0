//! The HTML pages in a real Chromium, scripts off, as a person meets them: desk and telephone, light
//! and dark. Nothing sticks out, nothing is unreadable, nothing is asked of the network. Pictures of
//! every look are left in cargo's folder for the files of tests, for people to look at.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails loudly, helpers included"
)]

mod browser;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use browser::{Browser, Look, Page};

/// Texts and drawings that stick out of the page, but for those in a part that scrolls by itself.
const STICKING_OUT: &str = "(() => {
    const edge = document.documentElement.clientWidth + 0.5;
    const told = [];
    const look = (what, parent, words) => {
        if (parent.closest('.scroll, pre')) return;
        if (what.getBoundingClientRect().right > edge) told.push(`${parent.tagName}: ${words}`);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        look(range, texts.currentNode.parentElement, texts.currentNode.textContent.trim().slice(0, 80));
    }
    document.querySelectorAll('svg, .scroll').forEach(e => look(e, e.parentElement, e.className));
    return told;
})()";

/// Texts whose contrast with what is behind them is below 4.5 (WCAG 2.1, level AA).
const FAINT: &str = "(() => {
    const rgb = color => color.match(/[\\d.]+/g).map(Number);
    const part = v => v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const behind = e => {
        for (; e; e = e.parentElement) {
            const color = rgb(getComputedStyle(e).backgroundColor);
            if (color.length < 4 || color[3] > 0.9) return color;
        }
        return [255, 255, 255];
    };
    const ratio = (a, b) => {
        const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
        return (x + 0.05) / (y + 0.05);
    };
    const told = [];
    const has_words = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    for (const e of document.querySelectorAll('body *')) {
        if (!has_words(e) || !e.getClientRects().length) continue;
        const style = getComputedStyle(e);
        const is_drawn = e instanceof SVGElement;
        const front = rgb(is_drawn ? style.fill : style.color);
        const box = is_drawn && e.parentElement.matches('g') && e.parentElement.querySelector('rect');
        const back = box ? rgb(getComputedStyle(box).fill) : behind(e);
        if (ratio(front, back) < 4.5)
            told.push(`${ratio(front, back).toFixed(1)} ${e.tagName}.${e.className.baseVal ?? e.className}: ${e.textContent.trim().slice(0, 40)}`);
    }
    return told;
})()";

/// Words that stand in a rectangle of a drawing and do not fit into it.
const TOO_LONG: &str = "[...document.querySelectorAll('svg g > text')]
    .filter(t => t.getClientRects().length && t.parentElement.querySelector('rect'))
    .filter(t => {
        const [a, b] = [t, t.parentElement.querySelector('rect')].map(e => e.getBoundingClientRect());
        return a.right > b.right + 1 || a.bottom > b.bottom + 2;
    })
    .map(t => t.textContent)";

/// What must hold of every page in every look.
fn check(page: &mut Page<'_>, name: &str, look: Look) {
    let what = format!("{name} {look:?}");
    assert!(page.complaints.is_empty(), "{what}: {:?}", page.complaints);
    assert!(page.requests.is_empty(), "{what}: {:?}", page.requests);
    let sides = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]";
    let sides = page.value(sides);
    assert_eq!(
        sides[0],
        sides[1],
        "{what} is wider than the window: {:?}",
        page.strings(STICKING_OUT)
    );
    assert_eq!(sides[1], look.width);
    for (why, script) in
        [("sticks out", STICKING_OUT), ("is faint", FAINT), ("is too long", TOO_LONG)]
    {
        let found = page.strings(script);
        assert!(found.is_empty(), "{what}: {} texts, this {why}: {found:#?}", found.len());
    }
    let day = page.value("getComputedStyle(document.body).backgroundColor");
    let [red, ..] = numbers(day.as_str().unwrap())[..] else { panic!("{day}") };
    assert_eq!(red < 128, look.is_dark, "{what} has the background {day}");
}

/// A picture of the whole page, for people to look at.
fn draw(page: &mut Page<'_>, name: &str, look: Look) {
    let (width, height) = page.screenshot(&picture(name, look));
    assert_eq!(width, look.width, "{name} {look:?}");
    assert!(height > 800, "{name} {look:?} is only {height} pixels high");
}

fn numbers(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
}

fn picture(name: &str, look: Look) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    let scheme = if look.is_dark { "dark" } else { "light" };
    folder.join(format!("{name}-{}-{scheme}.png", look.width))
}

fn beehive(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beehive"));
    let run = command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    // A plan without roots is a page as well.
    let is_fine = run.status.success() || run.status.code() == Some(4);
    assert!(is_fine, "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

/// A folder with the hand-written trace packed in it as `t.beetrace`.
fn folder(trace: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}/../fixtures/traces/{trace}.txt", env!("CARGO_MANIFEST_DIR"));
    beehive(folder.path(), &["trace", "pack", &text, "-o", "t.beetrace"]);
    folder
}

#[test]
fn the_cost_report_reads_well_everywhere() {
    let folder = folder("spring");
    beehive(folder.path(), &["plan", "t.beetrace"]);
    let load = ["--base", "50/s", "--burst", "200/s", "--for", "60s", "--seeds", "4"];
    let sweep = ["--sweep", "burst-height=2,4"];
    beehive(folder.path(), &[&["cost-report", "plan.toml"], &load[..], &sweep].concat());
    let file = folder.path().join("report/report.html");
    let mut browser = Browser::start();
    for look in Look::ALL {
        let mut page = browser.open(&file, look);
        draw(&mut page, "cost-report", look);
        unfold(&mut page);
        check(&mut page, "cost-report", look);
        let drawn = page.value(
            "[...document.querySelectorAll('svg')].filter(s => s.getClientRects().length).length",
        );
        assert_eq!(drawn, 4, "latency, cost, ratio and the sweep, each in one of its two layouts");
        let ways = page.value("document.querySelectorAll('table.ways tbody tr').length");
        assert_eq!(ways, 7);
    }
}

/// Opens what is folded away, so that it is looked at as well.
fn unfold(page: &mut Page<'_>) {
    page.value("document.querySelectorAll('details').forEach(d => d.open = true)");
}

/// The page of a plan in every look; gives what `count` counts in it.
fn check_plan(folder: &Path, name: &str, arguments: &[&str], count: &str) -> u64 {
    beehive(folder, &[&["plan", "--html", "plan.html"], arguments].concat());
    let mut browser = Browser::start();
    let mut counted = 0;
    for look in Look::ALL {
        let mut page = browser.open(&folder.join("plan.html"), look);
        draw(&mut page, name, look);
        unfold(&mut page);
        check(&mut page, name, look);
        let lost = page.strings(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))
                .filter(id => !document.getElementById(id))",
        );
        assert!(lost.is_empty(), "links to nothing: {lost:?}");
        counted = page.value(count).as_u64().unwrap();
    }
    counted
}

#[test]
fn the_plan_of_a_light_run_reads_well_everywhere() {
    let folder = folder("spring");
    let rows = "document.querySelectorAll('.cards')[0].querySelectorAll('tbody tr').length";
    assert_eq!(check_plan(folder.path(), "plan-light", &["t.beetrace"], rows), 10);
}

/// Whatever a class is called, it is only text: no element, no request, no letter that hides.
#[test]
fn hostile_names_are_only_text() {
    let folder = tempfile::tempdir().unwrap();
    let hostile =
        "<img/src=//example.test/x>&\"'</style></svg><script/src=//example.test/y>\u{202e}";
    let long = "Very".repeat(60);
    let text = format!(
        r#"beetrace 1
        class c0 a.{hostile} {{"origin":"user"}}
        class c1 a.{long} {{"origin":"user"}}
        method m0 c0 f ()V {{}}
        method m1 c1 g ()V {{}}
        edge - m0 1200
        edge m0 m1 1200
        root m0 {{"kind":"entry","latency":{{"buckets":{{"640":1200}},"sum_ns":12000000000}},"cpu_samples":10,"cpu_ns":90000000,"cpu_wall_ns":100000000}}
        "#
    );
    std::fs::write(folder.path().join("t.txt"), text).unwrap();
    beehive(folder.path(), &["trace", "pack", "t.txt", "-o", "t.beetrace"]);
    let strangers = "document.querySelectorAll('img, script, link, iframe, object').length";
    assert_eq!(check_plan(folder.path(), "plan-hostile", &["t.beetrace"], strangers), 0);
}

/// A program whose roots touch everything a deep run knows, on a real JVM.
#[test]
fn the_plan_of_a_deep_run_reads_well_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let jdk = support::jdks().pop().unwrap();
    let (java, classes) = (jdk.java(), support::fixture("programs/deep/target/classes"));
    let application = ["--root", "deep.*#run", "--", &java, "-cp", &classes, "deep.Main"];
    beehive(folder.path(), &[&["profile", "-o", "light"], &application[..]].concat());
    let deep = ["profile", "--deep", "--every", "1", "-o", "deep"];
    beehive(folder.path(), &[&deep[..], &application].concat());
    let drawn =
        "[...document.querySelectorAll('svg')].filter(s => s.getClientRects().length).length";
    let arguments = ["light", "deep", "--root", "deep.*#run"];
    let drawings = check_plan(folder.path(), "plan-deep", &arguments, drawn);
    assert!(drawings > 5, "call graph and treemaps, two a method: only {drawings}");
}
