//! Which candidates reach which methods. 256 candidates travel through the graph at once as the bits
//! of four words, callers before callees, so the work is one pass over the calls per 256 candidates;
//! the passes run in parallel.

use rayon::prelude::*;

use crate::by_id::ById;
use crate::components::Components;
use crate::graph::CallGraph;

/// Words of a mask: half a cache line, which costs one access to memory like a single word.
const WORDS: usize = 4;
/// Bits of a word.
const BITS: usize = 64;
/// Candidates per pass.
const LANES: usize = WORDS * BITS;

/// Candidates as bits.
type Mask = [u64; WORDS];

/// What the passes found, one row per candidate, in the order given.
#[derive(Debug)]
pub(crate) struct Reached {
    /// Counted methods reached, the candidate included.
    pub(crate) methods: u64,
    /// The watched methods reached, as indices into the list given.
    pub(crate) watched: Vec<usize>,
}

/// For each of `candidates`: how many of the methods that `is_counted` accepts, and which of
/// `watched`, it reaches.
pub(crate) fn reach(
    graph: &CallGraph,
    components: &Components,
    candidates: &[u32],
    watched: &[u32],
    is_counted: impl Fn(u32) -> bool + Sync,
) -> Vec<Reached> {
    let counted: Vec<bool> = (0..graph.entry()).map(&is_counted).collect();
    candidates
        .par_chunks(LANES)
        .flat_map_iter(|lanes| {
            let masks = pass(graph, components, lanes);
            let counts = count(graph, components, &masks, &counted);
            let seen: Vec<Mask> = watched.iter().map(|&m| masks[components.of(m)]).collect();
            let rows = (0..lanes.len()).zip(counts);
            let found = rows.map(|(lane, methods)| {
                let watched = (0usize..).zip(&seen).filter(|(_, mask)| is_set(mask, lane));
                Reached { methods, watched: watched.map(|(at, _)| at).collect() }
            });
            found.collect::<Vec<_>>()
        })
        .collect()
}

fn is_set(mask: &Mask, lane: usize) -> bool {
    mask.get(lane / BITS).is_some_and(|word| word >> (lane % BITS) & 1 == 1)
}

/// Candidates that reach each component, as bits.
fn pass(graph: &CallGraph, components: &Components, lanes: &[u32]) -> ById<Mask> {
    let mut masks = ById::filled([0u64; WORDS], components.count());
    for (lane, &candidate) in lanes.iter().enumerate() {
        if let Some(word) = masks[components.of(candidate)].get_mut(lane / BITS) {
            *word |= 1 << (lane % BITS);
        }
    }
    for &node in components.callers_first() {
        let mask = masks[components.of(node)];
        if mask != [0; WORDS] {
            for &callee in graph.callees(node) {
                let slot = &mut masks[components.of(callee)];
                slot.iter_mut().zip(mask).for_each(|(word, more)| *word |= more);
            }
        }
    }
    masks
}

/// Counted methods under each lane. The bits of 64 methods at a time are turned from one word a
/// method into one word a lane, whose ones are then counted.
fn count(
    graph: &CallGraph,
    components: &Components,
    masks: &ById<Mask>,
    counted: &[bool],
) -> [u64; LANES] {
    let mut counts = [0u64; LANES];
    for (first, rows) in (0..graph.entry()).step_by(BITS).zip(counted.chunks(BITS)) {
        let mut blocks = [[0u64; BITS]; WORDS];
        for ((place, method), _) in (0..).zip(first..).zip(rows).filter(|(_, counts)| **counts) {
            let mask = masks[components.of(method)];
            for (block, word) in blocks.iter_mut().zip(mask) {
                if let Some(slot) = block.get_mut::<usize>(place) {
                    *slot = word;
                }
            }
        }
        for (block, counts) in blocks.iter_mut().zip(counts.chunks_mut(BITS)) {
            if block.iter().any(|&word| word != 0) {
                transpose(block);
                let ones = block.iter().map(|word| u64::from(word.count_ones()));
                counts.iter_mut().zip(ones).for_each(|(count, ones)| *count += ones);
            }
        }
    }
    counts
}

/// Mirrors a 64 × 64 bit matrix at its diagonal by swapping ever smaller quarters.
fn transpose(rows: &mut [u64; BITS]) {
    let mut width = 32;
    let mut mask = 0x0000_0000_ffff_ffffu64;
    while width > 0 {
        let mut pairs = rows.as_mut_slice();
        while !pairs.is_empty() {
            let (pair, rest) = pairs.split_at_mut(2 * width);
            let (upper, lower) = pair.split_at_mut(width);
            for (a, b) in upper.iter_mut().zip(lower) {
                let swapped = ((*a >> width) ^ *b) & mask;
                *a ^= swapped << width;
                *b ^= swapped;
            }
            pairs = rest;
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::Edge;
    use petgraph::visit::{Dfs, Walker};
    use proptest::prelude::*;

    #[test]
    fn a_transposed_matrix_is_mirrored() {
        let mut rows = [0u64; 64];
        for (i, row) in rows.iter_mut().enumerate() {
            *row = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(i as u32);
        }
        let before = rows;
        transpose(&mut rows);
        for (i, row) in rows.iter().enumerate() {
            for (j, old) in before.iter().enumerate() {
                assert_eq!(row >> j & 1, old >> i & 1, "{i} {j}");
            }
        }
    }

    proptest! {
        #[test]
        fn reach_is_that_of_a_walk(
            calls in proptest::collection::vec((0u32..300, 0u32..300), 0..600)
        ) {
            let edges: Vec<Edge> =
                calls.iter().map(|&(a, b)| Edge { caller: a, callee: b, count: 1 }).collect();
            let graph = CallGraph::new(300, edges);
            let components = Components::of_graph(&graph);
            let candidates: Vec<u32> = (0..300).collect();
            let watched = [7, 270];
            let found = reach(&graph, &components, &candidates, &watched, |m| m % 3 != 0);
            for (candidate, found) in candidates.iter().zip(found) {
                let walked: Vec<u32> = Dfs::new(graph.as_csr(), *candidate).iter(graph.as_csr()).collect();
                let methods = walked.iter().filter(|m| *m % 3 != 0).count() as u64;
                prop_assert_eq!(found.methods, methods);
                let seen: Vec<usize> = (0..2).filter(|&w| walked.contains(&watched[w])).collect();
                prop_assert_eq!(found.watched, seen);
            }
        }
    }
}
