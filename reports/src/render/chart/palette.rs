//! Colours: one per way, the same in every chart, told apart by people who see red and green
//! alike; and their counterparts in the dark.

use std::fmt::Write;

use plotters::style::RGBColor;

use crate::billing::Purpose;
use crate::ways::WayId;

/// A colour on paper, its CSS variable, and the colour on a dark page.
struct Ink {
    light: RGBColor,
    variable: &'static str,
    dark: &'static str,
}

const fn ink(light: (u8, u8, u8), variable: &'static str, dark: &'static str) -> Ink {
    Ink { light: RGBColor(light.0, light.1, light.2), variable, dark }
}

const WAYS: [(WayId, Ink); 7] = [
    (WayId::Ec2, ink((37, 99, 195), "--ec2", "#6ea8fe")),
    (WayId::Fargate, ink((8, 118, 146), "--fargate", "#4fd1e8")),
    (WayId::Burstable, ink((21, 128, 84), "--burstable", "#5fd39b")),
    (WayId::Reserved, ink((100, 110, 125), "--reserved", "#a7b1bf")),
    (WayId::BeehiveOpenwhisk, ink((104, 60, 20), "--beehive-openwhisk", "#d9a066")),
    (WayId::BeehiveLambda, ink((180, 94, 0), "--beehive-lambda", "#ffc233")),
    (WayId::Lambda, ink((176, 58, 156), "--lambda", "#e58ad6")),
];

const PURPOSES: [(Purpose, Ink); 3] = [
    (Purpose::Serving, ink((38, 84, 124), "--serving", "#79b4e3")),
    (Purpose::Starting, ink((217, 119, 47), "--starting", "#f0a566")),
    (Purpose::Waiting, ink((178, 187, 198), "--waiting", "#5d6875")),
];

const TEXT: Ink = ink((33, 37, 46), "--ink", "#e7e9ee");
const FAINT: Ink = ink((107, 114, 128), "--faint", "#9aa3b2");
const LINE: Ink = ink((226, 229, 234), "--line", "#2f3642");
const SHADE: Ink = ink((255, 236, 196), "--shade", "#3a3220");
const GOAL: Ink = ink((190, 40, 48), "--goal", "#ff8a8a");

/// Colour of a way.
pub(super) fn way(way: WayId) -> RGBColor {
    WAYS.iter().find(|(w, _)| *w == way).map_or(TEXT.light, |(_, ink)| ink.light)
}

/// Colour of a purpose.
pub(super) fn purpose(purpose: Purpose) -> RGBColor {
    PURPOSES.iter().find(|(p, _)| *p == purpose).map_or(TEXT.light, |(_, ink)| ink.light)
}

pub(super) const fn text() -> RGBColor {
    TEXT.light
}

pub(super) const fn faint() -> RGBColor {
    FAINT.light
}

pub(super) const fn line() -> RGBColor {
    LINE.light
}

pub(super) const fn shade() -> RGBColor {
    SHADE.light
}

pub(super) const fn goal() -> RGBColor {
    GOAL.light
}

fn inks() -> impl Iterator<Item = &'static Ink> {
    let ways = WAYS.iter().map(|(_, ink)| ink);
    let purposes = PURPOSES.iter().map(|(_, ink)| ink);
    ways.chain(purposes).chain([&TEXT, &FAINT, &LINE, &SHADE, &GOAL])
}

fn hex(color: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2)
}

/// Definitions of the variables for a style sheet: on paper and in the dark.
pub(in crate::render) fn css_variables() -> (String, String) {
    let (mut light, mut dark) = (String::new(), String::new());
    for ink in inks() {
        let _ = write!(light, "{}:{};", ink.variable, hex(ink.light));
        let _ = write!(dark, "{}:{};", ink.variable, ink.dark);
    }
    (light, dark)
}

/// Turns colours into variables, drops the paper and gives the drawing its name.
pub(super) fn inline(svg: &str, title: &str) -> String {
    let mut out = svg.to_owned();
    for ink in inks() {
        out =
            out.replace(&format!("\"{}\"", hex(ink.light)), &format!("\"var({})\"", ink.variable));
    }
    let label = title.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    out.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1)
}
