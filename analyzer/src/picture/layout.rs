//! Places for the boxes of a scene: layers from left to right along the calls, boxes of a layer one
//! below the other, ordered by where their neighbours stand (barycentre sweeps).

use super::scene::Scene;

/// Width of a box, pixels.
pub(crate) const BOX_WIDTH: f64 = 250.0;
/// Height of a box, pixels.
pub(crate) const BOX_HEIGHT: f64 = 44.0;
const LAYER_GAP: f64 = 90.0;
const ROW_GAP: f64 = 16.0;
/// Room around the picture; the head stands in the top margin.
pub(crate) const MARGIN: f64 = 24.0;
pub(crate) const HEAD: f64 = 56.0;
const SWEEPS: usize = 8;
/// Height of a band without boxes, rows.
const BAND_MAX: f64 = 0.25;

/// Where the boxes stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// Left upper corners, by box.
    pub(crate) places: Vec<(f64, f64)>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Lays a scene out.
pub(crate) fn layout(scene: &Scene) -> Layout {
    let layer_of = layers(scene);
    let depth = layer_of.iter().max().map_or(0, |deepest| deepest + 1);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); depth];
    for (index, &layer) in layer_of.iter().enumerate() {
        if let Some(slot) = layers.get_mut(layer) {
            slot.push(index);
        }
    }
    let neighbours = neighbours(scene);
    let tallest = layers.iter().map(Vec::len).max().unwrap_or(0);
    let mut rows = vec![0.0; scene.boxes.len()];
    for members in &layers {
        spread(members, &mut rows, tallest);
    }
    for _ in 0..SWEEPS {
        for members in &mut layers {
            sweep(members, &neighbours, &mut rows);
        }
        for members in layers.iter_mut().rev() {
            sweep(members, &neighbours, &mut rows);
        }
    }
    close_bands(&mut rows);
    place(&layer_of, &rows, depth)
}

/// Closes bands that no box of any layer stands in; what is beside each other stays so.
fn close_bands(rows: &mut [f64]) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let row = |rows: &[f64], index: usize| rows.get(index).copied().unwrap_or(0.0);
    order.sort_by(|&a, &b| row(rows, a).total_cmp(&row(rows, b)));
    let (mut end, mut closed) = (f64::NEG_INFINITY, 0.0);
    for index in order {
        let at = row(rows, index);
        closed += (at - end - BAND_MAX).max(0.0).min(if end.is_finite() { f64::MAX } else { 0.0 });
        end = end.max(at + 1.0);
        if let Some(slot) = rows.get_mut(index) {
            *slot = at - closed;
        }
    }
}

/// Layer of each box: one more than that of its callers; calls that close a cycle do not count.
fn layers(scene: &Scene) -> Vec<usize> {
    let order = callers_first(scene);
    let mut rank = vec![0; scene.boxes.len()];
    for (at, &index) in order.iter().enumerate() {
        if let Some(slot) = rank.get_mut(index) {
            *slot = at;
        }
    }
    let mut layer = vec![0usize; scene.boxes.len()];
    for &index in &order {
        let own = layer.get(index).copied().unwrap_or(0);
        for arrow in scene.arrows.iter().filter(|a| a.from == index && a.to != index) {
            if rank.get(arrow.to) > rank.get(index)
                && let Some(slot) = layer.get_mut(arrow.to)
            {
                *slot = (*slot).max(own + 1);
            }
        }
    }
    layer
}

/// Reverse postorder of a depth-first walk: callers before callees but for cycles.
fn callers_first(scene: &Scene) -> Vec<usize> {
    let count = scene.boxes.len();
    let mut callees = vec![Vec::new(); count];
    let mut has_caller = vec![false; count];
    for arrow in scene.arrows.iter().filter(|a| a.from != a.to) {
        if let (Some(list), Some(called)) =
            (callees.get_mut(arrow.from), has_caller.get_mut(arrow.to))
        {
            list.push(arrow.to);
            *called = true;
        }
    }
    let mut starts: Vec<usize> = (0..count).collect();
    starts.sort_by_key(|&index| has_caller.get(index).copied().unwrap_or(false));
    let mut seen = vec![false; count];
    let mut done = Vec::with_capacity(count);
    for start in starts {
        let mut path = vec![(start, 0)];
        while let Some((index, next)) = path.last_mut() {
            let index = *index;
            if *next == 0 && seen.get(index) == Some(&true) {
                path.pop();
                continue;
            }
            if let Some(slot) = seen.get_mut(index) {
                *slot = true;
            }
            let callee = callees.get(index).and_then(|list| list.get(*next)).copied();
            *next += 1;
            match callee {
                Some(callee) if seen.get(callee) == Some(&false) => path.push((callee, 0)),
                Some(_) => {}
                None => {
                    done.push(index);
                    path.pop();
                }
            }
        }
    }
    done.reverse();
    done
}

/// Boxes connected with each box and how strongly.
fn neighbours(scene: &Scene) -> Vec<Vec<(usize, f64)>> {
    let mut found = vec![Vec::new(); scene.boxes.len()];
    for arrow in scene.arrows.iter().filter(|a| a.from != a.to) {
        let weight = 1.0 + (arrow.calls.max(1) as f64).log10();
        for (one, other) in [(arrow.from, arrow.to), (arrow.to, arrow.from)] {
            if let Some(list) = found.get_mut(one) {
                list.push((other, weight));
            }
        }
    }
    found
}

/// Spreads a layer evenly around the middle of the tallest one.
fn spread(members: &[usize], rows: &mut [f64], tallest: usize) {
    let first = (tallest.saturating_sub(members.len())) as f64 / 2.0;
    for (at, &index) in members.iter().enumerate() {
        if let Some(row) = rows.get_mut(index) {
            *row = first + at as f64;
        }
    }
}

/// Moves the boxes of a layer towards their neighbours' middle, keeping a row's distance.
fn sweep(members: &mut [usize], neighbours: &[Vec<(usize, f64)>], rows: &mut [f64]) {
    let row = |rows: &[f64], index: usize| rows.get(index).copied().unwrap_or(0.0);
    let wish = |rows: &[f64], index: usize| {
        let near = neighbours.get(index).map_or(&[][..], Vec::as_slice);
        let weight: f64 = near.iter().map(|(_, w)| w).sum();
        let sum: f64 = near.iter().map(|&(other, w)| row(rows, other) * w).sum();
        if weight > 0.0 { sum / weight } else { row(rows, index) }
    };
    let wishes: Vec<f64> = members.iter().map(|&index| wish(rows, index)).collect();
    let mut wanted: Vec<(f64, usize)> = wishes.into_iter().zip(members.iter().copied()).collect();
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let middle_wish = wanted.iter().map(|(w, _)| w).sum::<f64>() / wanted.len().max(1) as f64;
    let mut next = f64::NEG_INFINITY;
    let mut placed = Vec::with_capacity(wanted.len());
    for (wish, _) in &wanted {
        next = wish.max(next + 1.0);
        placed.push(next);
    }
    // Pushing apart only moves down; shifting by the mean brings the layer back to its wish.
    let middle = placed.iter().sum::<f64>() / placed.len().max(1) as f64;
    for (((_, index), slot), at) in wanted.into_iter().zip(members).zip(placed) {
        *slot = index;
        if let Some(row) = rows.get_mut(index) {
            *row = at + middle_wish - middle;
        }
    }
}

fn place(layer_of: &[usize], rows: &[f64], depth: usize) -> Layout {
    let top = rows.iter().copied().fold(f64::INFINITY, f64::min);
    let top = if top.is_finite() { top } else { 0.0 };
    let bottom = rows.iter().copied().fold(top, f64::max);
    let places = layer_of.iter().zip(rows).map(|(&layer, row)| {
        let x = MARGIN + layer as f64 * (BOX_WIDTH + LAYER_GAP);
        (x, HEAD + MARGIN + (row - top) * (BOX_HEIGHT + ROW_GAP))
    });
    Layout {
        places: places.collect(),
        width: 2.0 * MARGIN + (depth as f64 * (BOX_WIDTH + LAYER_GAP) - LAYER_GAP).max(600.0),
        height: HEAD + 2.0 * MARGIN + (bottom - top) * (BOX_HEIGHT + ROW_GAP) + BOX_HEIGHT,
    }
}
