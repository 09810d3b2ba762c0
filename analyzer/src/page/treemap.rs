//! Squarified treemaps: rectangles whose areas are proportional to weights and whose sides are as
//! alike as possible (Bruls, Huizing, van Wijk: *Squarified Treemaps*, 2000). Geometry only; what the
//! weights mean and how the rectangles are drawn is the callers' business.

/// A rectangle by its left upper corner and its sides, all in one unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rectangle {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rectangle {
    pub(crate) fn area(&self) -> f64 {
        self.width * self.height
    }

    fn shorter_side(&self) -> f64 {
        self.width.min(self.height)
    }
}

/// One rectangle a weight, in the order of `weights`, filling `frame`. Weights that are not positive
/// get an empty rectangle. Weights in falling order give the squarest result.
pub(crate) fn squarify(weights: &[f64], frame: Rectangle) -> Vec<Rectangle> {
    let mut places = vec![Rectangle::default(); weights.len()];
    let whole: f64 = weights.iter().filter(|w| **w > 0.0).sum();
    if whole <= 0.0 || frame.area() <= 0.0 {
        return places;
    }
    let scale = frame.area() / whole;
    let mut open: Vec<(usize, f64)> = (0..).zip(weights).map(|(at, w)| (at, w * scale)).collect();
    open.retain(|(_, area)| *area > 0.0);
    let mut free = frame;
    let mut rest = open.as_slice();
    while !rest.is_empty() {
        let length = row_length(rest, free.shorter_side());
        let (row, later) = rest.split_at(length);
        free = lay_row(row, free, later.is_empty(), &mut places);
        rest = later;
    }
    places
}

/// How many of the next areas make the squarest row along a side.
fn row_length(areas: &[(usize, f64)], side: f64) -> usize {
    let (mut sum, mut least, mut most) = (0.0, f64::INFINITY, 0.0_f64);
    let mut best = f64::INFINITY;
    for (count, (_, area)) in areas.iter().enumerate() {
        sum += area;
        least = least.min(*area);
        most = most.max(*area);
        // The worst ratio of sides in a row of these areas along this side.
        let worst = (side * side * most / (sum * sum)).max(sum * sum / (side * side * least));
        if worst > best {
            return count;
        }
        best = worst;
    }
    areas.len()
}

/// Lays a row along the shorter side of `free`; gives what stays free. The last row takes all there
/// is, so that rounding leaves no gap.
fn lay_row(
    row: &[(usize, f64)],
    free: Rectangle,
    is_last: bool,
    places: &mut [Rectangle],
) -> Rectangle {
    let sum: f64 = row.iter().map(|(_, area)| area).sum();
    let is_upright = free.height <= free.width;
    let (side, depth) =
        if is_upright { (free.height, free.width) } else { (free.width, free.height) };
    let thickness = if is_last { depth } else { (sum / side).min(depth) };
    let mut at = 0.0;
    for (index, area) in row {
        let length = side * area / sum;
        let place = if is_upright {
            Rectangle { x: free.x, y: free.y + at, width: thickness, height: length }
        } else {
            Rectangle { x: free.x + at, y: free.y, width: length, height: thickness }
        };
        at += length;
        if let Some(slot) = places.get_mut(*index) {
            *slot = place;
        }
    }
    if is_upright {
        Rectangle { x: free.x + thickness, width: free.width - thickness, ..free }
    } else {
        Rectangle { y: free.y + thickness, height: free.height - thickness, ..free }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: Rectangle = Rectangle { x: 0.0, y: 0.0, width: 6.0, height: 4.0 };

    fn overlap(a: &Rectangle, b: &Rectangle) -> f64 {
        let width = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
        let height = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
        width.max(0.0) * height.max(0.0)
    }

    #[test]
    fn the_example_of_the_paper_comes_out_as_printed_there() {
        let places = squarify(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], FRAME);
        let first = Rectangle { x: 0.0, y: 0.0, width: 3.0, height: 2.0 };
        assert_eq!(places[0], first);
        assert_eq!(places[1], Rectangle { y: 2.0, ..first });
        assert!((places[2].width - 12.0 / 7.0).abs() < 1e-9, "{:?}", places[2]);
        assert!((places[2].height - 7.0 / 3.0).abs() < 1e-9, "{:?}", places[2]);
    }

    #[test]
    fn nothing_and_nonsense_take_no_room() {
        assert!(squarify(&[], FRAME).is_empty());
        assert_eq!(squarify(&[0.0, -1.0], FRAME), [Rectangle::default(); 2]);
        assert_eq!(squarify(&[1.0, 0.0], FRAME), [FRAME, Rectangle::default()]);
    }

    proptest! {
        #[test]
        fn areas_are_proportional_disjoint_and_inside(
            weights in prop::collection::vec(0.0f64..1e6, 1..40)
        ) {
            let places = squarify(&weights, FRAME);
            let whole: f64 = weights.iter().sum();
            prop_assume!(whole > 1.0);
            for (place, weight) in places.iter().zip(&weights) {
                let wanted = FRAME.area() * weight / whole;
                prop_assert!((place.area() - wanted).abs() < 1e-6, "{place:?} for {weight}");
                prop_assert!(place.x >= 0.0 && place.x + place.width <= FRAME.width + 1e-6);
                prop_assert!(place.y >= 0.0 && place.y + place.height <= FRAME.height + 1e-6);
            }
            for (at, place) in places.iter().enumerate() {
                let covered: f64 = places.iter().skip(at + 1).map(|b| overlap(place, b)).sum();
                prop_assert!(covered < 1e-6, "{place:?} is covered by {covered}");
            }
        }
    }
}
