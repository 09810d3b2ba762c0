//! SVG text of a laid-out scene. Colours never carry meaning alone: roots also have a thick frame and
//! a mark, refused candidates a dashed frame.

use std::fmt::Write;

use super::layout::{BOX_HEIGHT, BOX_WIDTH, HEAD, Layout, MARGIN};
use super::scene::{Arrow, MethodBox, Scene};
use crate::figure::grouped;
use crate::letters;

/// Size of a name's letters as it has to be reckoned with: they are bold, pixels.
const NAME_LETTERS: f64 = 12.5 * 1.12;

const STYLE: &str = "text{font-family:system-ui,'Segoe UI','Liberation Sans',sans-serif;fill:#1d2733}\
.name{font-size:12.5px;font-weight:600}.figures{font-size:11px;fill:#51606f}\
.title{font-size:17px;font-weight:600}.calls{font-size:10.5px;fill:#51606f;stroke:#fff;stroke-width:3px;paint-order:stroke}\
.box{fill:#fff;stroke:#9aa7b4}.root{fill:#ffe9b0;stroke:#b7791f;stroke-width:2.5px}\
.refused{fill:#eef2f6;stroke:#66788a;stroke-dasharray:4 3}.call{fill:none;stroke:#8a99a8}.tip{fill:#66788a}\
.load{fill:#b7791f}";

/// The head of an arrow.
const TIP: &str = "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n";

/// The SVG document.
pub(crate) fn svg(scene: &Scene, layout: &Layout) -> String {
    let (width, height) = (layout.width, layout.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <style>{STYLE}</style>\n{TIP}\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    head(&mut out, scene);
    drawing(&mut out, scene, layout);
    out + "</svg>\n"
}

/// The drawing alone, for a page: no head, no paper, colours by the page's classes.
pub(crate) fn inline(scene: &Scene, layout: &Layout) -> String {
    let top = HEAD + MARGIN / 2.0;
    let (width, height) = (layout.width, layout.height - top);
    let mut out = format!(
        "<svg role=\"img\" aria-label=\"Call graph\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 {top:.0} {width:.0} {height:.0}\">\n{TIP}"
    );
    drawing(&mut out, scene, layout);
    out + "</svg>"
}

fn drawing(out: &mut String, scene: &Scene, layout: &Layout) {
    let mut labels = String::new();
    let ports = Ports::of(scene, layout);
    for (arrow, ends) in scene.arrows.iter().zip(&ports.ends) {
        call(out, &mut labels, arrow, layout, *ends);
    }
    for (method, place) in scene.boxes.iter().zip(&layout.places) {
        method_box(out, method, *place);
    }
    out.push_str(&labels);
}

fn head(out: &mut String, scene: &Scene) {
    let roots = scene.boxes.iter().filter(|b| b.is_root).count();
    let shown = scene.boxes.len();
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"{MARGIN}\" y=\"30\">Calls around {roots} roots</text>\n\
         <text class=\"figures\" x=\"{MARGIN}\" y=\"50\">{shown} boxes; {} user methods are not shown. \
         Arrows: number of calls. Rest the pointer on a box for its full name and decision.</text>",
        grouped(scene.left_out as u64)
    );
    let legend = [
        ("root", "★ to be offloaded"),
        ("refused", "candidate, not offloaded"),
        ("box", "other method"),
    ];
    for (at, (class, meaning)) in legend.into_iter().enumerate() {
        let (x, y) = (MARGIN + 220.0 + at as f64 * 190.0, HEAD - 38.0);
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"22\" height=\"13\" rx=\"3\"/>\
             <text class=\"figures\" x=\"{}\" y=\"{}\">{meaning}</text>",
            x + 28.0,
            y + 11.0
        );
    }
}

fn method_box(out: &mut String, method: &MethodBox, (x, y): (f64, f64)) {
    let class = match method {
        MethodBox { is_root: true, .. } => "root",
        MethodBox { is_refused: true, .. } => "refused",
        _ => "box",
    };
    let mark = if method.is_root { "★ " } else { "" };
    // The share of the processor as a bar along the lower edge.
    let load = method.load.map_or(String::new(), |share| {
        let width = (BOX_WIDTH - 12.0) * share.clamp(0.0, 1.0);
        let y = BOX_HEIGHT - 4.0;
        format!("<path class=\"load\" d=\"M6 {y}h{width:.1}v3h-{width:.1}z\"/>")
    });
    let _ = writeln!(
        out,
        "<g transform=\"translate({x:.1} {y:.1})\"><title>{}</title>\
         <rect class=\"{class}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"6\"/>\
         <text class=\"name\" x=\"10\" y=\"18\">{}</text>\
         <text class=\"figures\" x=\"10\" y=\"35\">{}</text>{load}</g>",
        escaped(&method.details),
        escaped(&cut(&format!("{mark}{}", method.name))),
        escaped(&method.figures),
    );
}

/// Heights at which arrows leave and enter their boxes: those of one box are spread over its side, in
/// the order of the boxes at their other ends, so that arrows and labels keep apart.
struct Ports {
    ends: Vec<(f64, f64)>,
}

impl Ports {
    fn of(scene: &Scene, layout: &Layout) -> Self {
        let height = |index: usize| layout.places.get(index).map_or(0.0, |place| place.1);
        let side = |own: fn(&Arrow) -> usize, other: fn(&Arrow) -> usize| {
            let mut order: Vec<usize> = (0..scene.arrows.len()).collect();
            let key = |at: &usize| scene.arrows.get(*at).map(|a| (own(a), height(other(a))));
            order.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
            let mut offsets = vec![0.0; scene.arrows.len()];
            for group in order.chunk_by(|a, b| key(a).map(|k| k.0) == key(b).map(|k| k.0)) {
                for (place, &at) in (1..).zip(group) {
                    if let Some(slot) = offsets.get_mut(at) {
                        *slot = BOX_HEIGHT * f64::from(place) / (group.len() + 1) as f64;
                    }
                }
            }
            offsets
        };
        let leaving = side(|a| a.from, |a| a.to);
        let entering = side(|a| a.to, |a| a.from);
        Self { ends: leaving.into_iter().zip(entering).collect() }
    }
}

/// A curve from the right side of the caller to the left side of the callee; calls back to the left
/// or to itself go round below.
fn call(
    out: &mut String,
    labels: &mut String,
    arrow: &Arrow,
    layout: &Layout,
    (leaves, enters): (f64, f64),
) {
    let (Some(&(from_x, from_y)), Some(&(to_x, to_y))) =
        (layout.places.get(arrow.from), layout.places.get(arrow.to))
    else {
        return;
    };
    let (x1, y1) = (from_x + BOX_WIDTH, from_y + leaves);
    let (x2, y2) = (to_x - 2.0, to_y + enters);
    let is_forward = x2 > x1;
    let reach = if is_forward { ((x2 - x1) / 2.0).max(30.0) } else { 60.0 };
    let sag = if is_forward { 0.0 } else { BOX_HEIGHT * 1.4 };
    let width = 1.0 + (arrow.calls.max(1) as f64).log10() * 0.45;
    let _ = writeln!(
        out,
        "<path class=\"call\" d=\"M{x1:.1} {y1:.1}C{:.1} {:.1} {:.1} {:.1} {x2:.1} {y2:.1}\" stroke-width=\"{width:.1}\" marker-end=\"url(#tip)\"/>",
        x1 + reach,
        y1 + sag,
        x2 - reach,
        y2 + sag
    );
    let curve = Curve { x: [x1, x1 + reach, x2 - reach, x2], y: [y1, y1 + sag, y2 + sag, y2] };
    // In the gap before the callee: what lies further back on a long arrow may be under other boxes.
    let (x, y) = if is_forward { curve.before_end(34.0) } else { curve.at(0.5) };
    let _ = writeln!(
        labels,
        "<text class=\"calls\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        y - 3.0,
        grouped(arrow.calls)
    );
}

/// A cubic Bézier curve by its four points.
struct Curve {
    x: [f64; 4],
    y: [f64; 4],
}

impl Curve {
    fn at(&self, t: f64) -> (f64, f64) {
        let s = 1.0 - t;
        let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
        let sum = |points: &[f64; 4]| points.iter().zip(weights).map(|(p, w)| p * w).sum();
        (sum(&self.x), sum(&self.y))
    }

    /// The point `distance` left of the end, on a curve that runs to the right.
    fn before_end(&self, distance: f64) -> (f64, f64) {
        let [.., end] = self.x;
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..24 {
            let middle = f64::midpoint(low, high);
            if self.at(middle).0 < end - distance { low = middle } else { high = middle }
        }
        self.at(low)
    }
}

/// The end of a name as far as it fits into a box: the class's package matters least.
fn cut(name: &str) -> String {
    let room = BOX_WIDTH - 20.0;
    if letters::width(name, NAME_LETTERS) <= room {
        return name.to_owned();
    }
    let mut tail = letters::fitting(name.chars().rev(), room, NAME_LETTERS);
    tail.push('…');
    tail.into_iter().rev().collect()
}

/// Text that may stand in an element or between double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Control characters cannot stand in XML at all.
            c if c.is_control() && c != '\n' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}
