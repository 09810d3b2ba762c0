//! The plan as one HTML page for people: no script, no font, no request to anywhere; light and dark,
//! desk and telephone. The template is `templates/plan.html`; the parts are put together in the
//! modules below. Reads a finished plan; decides nothing; the same plan gives the same bytes.

mod bars;
mod card;
mod closure;
mod head;
mod row;
mod tiles;
mod treemap;

use askama::Template;
use beehive_plan::{Candidate, RootFallbacks};
use beehive_trace::Trace;
use thiserror::Error;

use crate::picture::scene;
use crate::planner::Planned;

const CSS: &str = include_str!("../templates/plan.css");
/// Methods drawn; more cannot be read on one page.
const GRAPH_BOXES_MAX: usize = 30;
/// Candidates in the table and with details; the plan holds all.
const ROWS_MAX: usize = 100;
/// Candidates that are not folded away, those to be offloaded included.
const ROWS_OPEN: usize = 16;
/// Methods with bars and treemaps.
const DRAWN_MAX: usize = 14;

/// A page that could not be made.
#[derive(Debug, Error)]
#[error("the page cannot be put together")]
pub struct PageError(#[from] askama::Error);

#[derive(Template)]
#[template(path = "plan.html")]
struct Document {
    page: Page,
}

struct Page {
    css: &'static str,
    app: String,
    headline: String,
    lead: String,
    facts: Vec<head::Fact>,
    deep_advice: Option<head::Advice>,
    rows: Vec<row::Row>,
    rows_folded: Vec<row::Row>,
    rows_left_out: usize,
    graph: String,
    calls: Vec<head::Call>,
    graph_left_out: String,
    fallback_legend: Vec<LegendItem>,
    fallback_bars: Vec<bars::Group>,
    native_legend: Vec<LegendItem>,
    native_bars: Vec<bars::Group>,
    closures: Vec<closure::Closure>,
    cards: Vec<card::Card>,
    basis: String,
    notes: Vec<String>,
    constants: Vec<(String, String)>,
    footer: String,
}

/// A colour, by its CSS variable, and what it stands for.
struct LegendItem {
    color: &'static str,
    words: String,
}

/// One candidate with what a deep run tells of it.
#[derive(Clone, Copy)]
struct Entry<'a> {
    candidate: &'a Candidate,
    predicted: Option<&'a RootFallbacks>,
}

/// The page of a plan.
///
/// # Errors
/// [`PageError`] if the template cannot be rendered, which no input is known to do.
pub fn plan_page(trace: &Trace, planned: &Planned) -> Result<String, PageError> {
    let plan = &planned.plan;
    let entries = entries(planned);
    // Roots without a deep run are drawn as unknown; of the others only what was sampled.
    let is_drawn = |e: &Entry<'_>| e.predicted.is_some() || e.candidate.offload;
    let drawn: Vec<Entry<'_>> = if planned.predicted.roots.is_empty() {
        Vec::new()
    } else {
        entries.iter().copied().filter(is_drawn).take(DRAWN_MAX).collect()
    };
    let (rows, rows_folded) = row::rows(plan, &entries);
    let scene = scene(trace, planned, GRAPH_BOXES_MAX);
    let page = Page {
        css: CSS,
        app: plan.app.main.clone(),
        headline: head::headline(plan),
        lead: head::lead(plan),
        facts: head::facts(plan),
        deep_advice: head::deep_advice(planned),
        rows,
        rows_folded,
        rows_left_out: entries.len().saturating_sub(ROWS_MAX),
        graph: scene.to_inline_svg(),
        calls: head::calls(&scene),
        graph_left_out: crate::figure::grouped(scene.left_out as u64),
        fallback_legend: bars::fallback_legend(),
        fallback_bars: drawn.iter().map(bars::fallbacks).collect(),
        native_legend: bars::native_legend(),
        native_bars: drawn.iter().map(bars::natives).collect(),
        closures: drawn.iter().filter_map(closure::closure).collect(),
        cards: (0..).zip(entries.iter().take(ROWS_MAX)).map(|(n, e)| card::card(n, e)).collect(),
        basis: head::basis(planned),
        notes: plan.notes.clone(),
        constants: head::constants(plan),
        footer: head::footer(plan),
    };
    Ok(harmless(&Document { page }.render()?))
}

/// The candidates, those to be offloaded first, each list in the plan's order.
fn entries(planned: &Planned) -> Vec<Entry<'_>> {
    let roots = &planned.plan.roots;
    let all = roots.chosen.iter().chain(&roots.refused);
    let (on, off): (Vec<&Candidate>, Vec<&Candidate>) = all.partition(|c| c.offload);
    let predicted = &planned.predicted.roots;
    let all = on.into_iter().chain(off).map(|candidate| Entry {
        candidate,
        predicted: predicted.iter().find(|r| r.method == candidate.method),
    });
    all.collect()
}

/// Class names are an application's own business and may hold anything: what would be invisible or
/// turn the direction of the text around becomes a visible mark.
fn harmless(html: &str) -> String {
    let is_hidden = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    html.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}
