//! The call graph around the roots as a picture: which methods to show, where they stand, and the SVG
//! or DOT text. Needs no other program. Reads a finished plan; decides nothing.

mod dot;
mod layout;
mod scene;
mod svg;

pub use scene::{Arrow, MethodBox, Scene, scene};
pub(crate) use svg::escaped;

impl Scene {
    /// The picture as SVG.
    pub fn to_svg(&self) -> String {
        svg::svg(self, &layout::layout(self))
    }

    /// The picture for a page that has its own head, legend and colours for the classes of shapes.
    pub fn to_inline_svg(&self) -> String {
        svg::inline(self, &layout::layout(self))
    }

    /// The graph in the DOT language, for other layout programs.
    pub fn to_dot(&self) -> String {
        dot::dot(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, make_plan};
    use beehive_trace::parse_text;

    fn example() -> Scene {
        let trace = parse_text(
            r#"beetrace 1
            class c0 a.Web<b>&"c" {"origin":"user"}
            method m0 c0 show ()V {}
            method m1 c0 loop ()V {}
            method m2 c0 leaf ()V {}
            edge - m0 1200
            edge m0 m1 2400
            edge m1 m2 5000
            edge m2 m1 10
            edge m1 m1 7
            root m0 {"kind":"entry","latency":{"buckets":{"640":1200},"sum_ns":12000000000},"cpu_samples":10,"cpu_ns":90000000,"cpu_wall_ns":100000000}
            "#,
        )
        .unwrap();
        let planned = make_plan(&trace, &Options::default());
        scene(&trace, &planned, 10)
    }

    #[test]
    fn the_scene_holds_the_roots_and_what_they_call() {
        let scene = example();
        let names: Vec<&str> = scene.boxes.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(scene.boxes.iter().any(|b| b.is_root && b.name.ends_with("#show")));
        assert_eq!(scene.arrows.iter().map(|a| a.calls).sum::<u64>(), 1200 + 2400 + 5000 + 10 + 7);
    }

    #[test]
    fn texts_are_escaped_and_numbers_finite() {
        let svg = example().to_svg();
        assert!(svg.contains("&lt;b&gt;&amp;&quot;c&quot;"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
        let dot = example().to_dot();
        assert!(dot.contains(r#"\"c\""#), "{dot}");
        assert!(dot.contains("1,200"));
    }

    #[test]
    fn boxes_of_one_layer_do_not_overlap() {
        let scene = example();
        let places = layout::layout(&scene).places;
        for (i, a) in places.iter().enumerate() {
            for b in places.iter().skip(i + 1) {
                let is_apart = (a.0 - b.0).abs() >= layout::BOX_WIDTH
                    || (a.1 - b.1).abs() >= layout::BOX_HEIGHT;
                assert!(is_apart, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn an_empty_plan_gives_an_empty_picture() {
        let trace = beehive_trace::Trace::default();
        let planned = make_plan(&trace, &Options::default());
        let scene = scene(&trace, &planned, 10);
        assert!(scene.to_svg().contains("</svg>"));
        assert!(scene.to_dot().contains("digraph"));
    }
}
