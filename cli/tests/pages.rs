//! The HTML pages in a real Chromium, scripts off, as a person meets them: desk and telephone, light
//! and dark. Nothing sticks out, nothing is unreadable, nothing is asked of the network. Pictures of
//! every look are left in cargo's folder for the files of tests, for people to look at.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails loudly, helpers included"
)]

mod browser;

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
    let (width, height) = page.screenshot(&picture(name, look));
    assert_eq!(width, look.width, "{what}");
    assert!(height > 800, "{what} is only {height} pixels high");
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
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
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
        check(&mut page, "cost-report", look);
        let drawn = page.value(
            "[...document.querySelectorAll('svg')].filter(s => s.getClientRects().length).length",
        );
        assert_eq!(drawn, 4, "latency, cost, ratio and the sweep, each in one of its two layouts");
        let ways = page.value("document.querySelectorAll('table.ways tbody tr').length");
        assert_eq!(ways, 7);
    }
}

/// The page of a plan in every look.
fn check_plan(folder: &Path, name: &str, arguments: &[&str]) {
    beehive(folder, &[arguments, &["--html", "plan.html"]].concat());
    let mut browser = Browser::start();
    for look in Look::ALL {
        let mut page = browser.open(&folder.join("plan.html"), look);
        // Everything that is folded away is looked at as well.
        page.value("document.querySelectorAll('details').forEach(d => d.open = true)");
        check(&mut page, name, look);
        let lost = page.strings(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))
                .filter(id => !document.getElementById(id))",
        );
        assert!(lost.is_empty(), "links to nothing: {lost:?}");
    }
}

#[test]
fn the_plan_of_a_light_run_reads_well_everywhere() {
    let folder = folder("spring");
    check_plan(folder.path(), "plan-light", &["plan", "t.beetrace"]);
}
