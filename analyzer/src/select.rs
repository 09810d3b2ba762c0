//! Chooses the set of roots that moves the most processor time. Roots inside one another compete: an
//! invocation that already runs on a worker saves nothing a second time, so a set is worth the sum of
//! what each root saves on the invocations no other chosen root encloses. Pure arithmetic on the
//! contestants' worth and shares; not a greedy prefix.

use crate::sharing::Share;

/// A candidate that would save processor time by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Contestant {
    /// Processor time saved if all its invocations are offloaded, µs; may be negative when forced.
    pub(crate) worth: f64,
    /// Nearest enclosing contestants (earlier in the list) with the share of its invocations.
    pub(crate) enclosing: Vec<Share>,
    /// Nearest contestant that dominates it in the call graph, if any.
    pub(crate) dominator: Option<u32>,
    /// Switched on by hand: in the set whatever it is worth.
    pub(crate) is_forced: bool,
}

/// Groups of contestants up to this size are solved by trying every subset.
const EXACT_MAX: usize = 12;
/// Rounds of improvement for larger groups; each round tries every contestant once.
const ROUNDS_MAX: usize = 16;

/// Which contestants to choose. Callers must stand before callees. A root whose part in the set is
/// below `worth_min` µs is left out.
pub(crate) fn choose(contestants: &[Contestant], worth_min: f64) -> Vec<bool> {
    let mut chosen: Vec<bool> = contestants.iter().map(|c| c.is_forced).collect();
    for group in groups(contestants) {
        let local: Vec<Contestant> = group
            .iter()
            .filter_map(|&i| contestants.get(i as usize))
            .map(|c| localised(c, &group))
            .collect();
        let mut picked = if local.len() <= EXACT_MAX { exact(&local) } else { improved(&local) };
        prune(&local, &mut picked, worth_min);
        for (&index, is_picked) in group.iter().zip(picked) {
            if let Some(slot) = chosen.get_mut(index as usize) {
                *slot = is_picked;
            }
        }
    }
    chosen
}

/// Share of each contestant's invocations that no chosen root encloses.
pub(crate) fn uncovered(contestants: &[Contestant], chosen: &[bool]) -> Vec<f64> {
    let mut open = Vec::with_capacity(contestants.len());
    for contestant in contestants {
        let mut share = 1.0;
        for &(index, part) in &contestant.enclosing {
            let at = index as usize;
            let is_chosen = chosen.get(at) == Some(&true);
            let inside = if is_chosen { 1.0 } else { 1.0 - open.get(at).copied().unwrap_or(1.0) };
            share -= f64::from(part) * inside;
        }
        open.push(share.clamp(0.0, 1.0));
    }
    open
}

/// Processor time a set saves, µs.
pub(crate) fn saved(contestants: &[Contestant], chosen: &[bool]) -> f64 {
    let open = uncovered(contestants, chosen);
    let all = contestants.iter().zip(chosen).zip(open);
    all.filter(|((_, is_chosen), _)| **is_chosen).map(|((c, _), open)| c.worth * open).sum()
}

/// Contestants connected by enclosure, each group ascending.
fn groups(contestants: &[Contestant]) -> Vec<Vec<u32>> {
    let mut leader: Vec<u32> = (0..contestants.len() as u32).collect();
    for (index, contestant) in (0u32..).zip(contestants) {
        for &(other, _) in &contestant.enclosing {
            let (a, b) = (find(&mut leader, index), find(&mut leader, other));
            if let Some(slot) = leader.get_mut(a.max(b) as usize) {
                *slot = a.min(b);
            }
        }
    }
    let mut groups = std::collections::BTreeMap::<u32, Vec<u32>>::new();
    for index in 0..contestants.len() as u32 {
        groups.entry(find(&mut leader, index)).or_default().push(index);
    }
    groups.into_values().collect()
}

fn find(leader: &mut [u32], mut at: u32) -> u32 {
    while let Some(&up) = leader.get(at as usize).filter(|&&up| up != at) {
        at = up;
    }
    at
}

/// A contestant with its indices turned into those of its group.
fn localised(contestant: &Contestant, group: &[u32]) -> Contestant {
    let local = |index: u32| group.binary_search(&index).ok().map(|at| at as u32);
    let enclosing =
        contestant.enclosing.iter().filter_map(|&(i, share)| Some((local(i)?, share))).collect();
    Contestant { enclosing, dominator: contestant.dominator.and_then(local), ..contestant.clone() }
}

/// The best of all subsets; of equal ones the first, which has the outer roots.
fn exact(group: &[Contestant]) -> Vec<bool> {
    let mut best: Option<(f64, Vec<bool>)> = None;
    for mask in 0u32..1 << group.len() {
        let picked: Vec<bool> = (0..group.len()).map(|i| mask >> i & 1 == 1).collect();
        if group.iter().zip(&picked).any(|(c, &p)| c.is_forced && !p) {
            continue;
        }
        let value = saved(group, &picked);
        let is_better = best.as_ref().is_none_or(|(most, _)| value > most + most.abs() * 1e-12);
        if is_better {
            best = Some((value, picked));
        }
    }
    best.map(|(_, picked)| picked).unwrap_or_default()
}

/// Begins with the optimum of the dominator forest (where enclosure is certain) and switches single
/// contestants, alone or against all directly inside them, as long as that gains.
fn improved(group: &[Contestant]) -> Vec<bool> {
    let mut picked = forest_optimum(group);
    let mut most = saved(group, &picked);
    for _ in 0..ROUNDS_MAX {
        let before = most;
        for index in 0..group.len() {
            for with_inner in [false, true] {
                let trial = switched(group, &picked, index, with_inner);
                let value = saved(group, &trial);
                if value > most + most.abs() * 1e-12 {
                    (picked, most) = (trial, value);
                }
            }
        }
        if most <= before {
            break;
        }
    }
    picked
}

/// `picked` with one contestant switched and, `with_inner`, those directly inside it the other way.
fn switched(group: &[Contestant], picked: &[bool], index: usize, with_inner: bool) -> Vec<bool> {
    let mut trial = picked.to_vec();
    let is_on = picked.get(index) != Some(&true);
    for (at, (contestant, slot)) in group.iter().zip(&mut trial).enumerate() {
        let is_inner = contestant.enclosing.iter().any(|(i, _)| *i as usize == index);
        if at == index {
            *slot = is_on;
        } else if with_inner && is_inner {
            *slot = !is_on;
        }
        *slot |= contestant.is_forced;
    }
    trial
}

/// Exact choice when each contestant lies wholly inside its dominator: a node or the best of its
/// children's sets, whichever is worth more.
fn forest_optimum(group: &[Contestant]) -> Vec<bool> {
    let mut below = vec![0.0f64; group.len()];
    let mut takes_itself = vec![false; group.len()];
    for (index, contestant) in group.iter().enumerate().rev() {
        let inner = below.get(index).copied().unwrap_or(0.0);
        let is_taken = contestant.is_forced || contestant.worth > inner;
        if let Some(slot) = takes_itself.get_mut(index) {
            *slot = is_taken;
        }
        let best = if is_taken { contestant.worth } else { inner };
        if let Some(sum) = contestant.dominator.and_then(|d| below.get_mut(d as usize)) {
            *sum += best;
        }
    }
    let mut is_inside = vec![false; group.len()];
    let mut picked = vec![false; group.len()];
    for (index, contestant) in group.iter().enumerate() {
        let above = contestant.dominator.map(|d| d as usize);
        let is_covered =
            above.is_some_and(|d| is_inside.get(d) == Some(&true) || picked.get(d) == Some(&true));
        let is_taken = takes_itself.get(index) == Some(&true);
        if let (Some(inside), Some(slot)) = (is_inside.get_mut(index), picked.get_mut(index)) {
            *inside = is_covered;
            *slot = contestant.is_forced || (is_taken && !is_covered);
        }
    }
    picked
}

/// Takes out, smallest part first, roots that add less than `worth_min` to the rest of the set.
fn prune(group: &[Contestant], picked: &mut [bool], worth_min: f64) {
    loop {
        let open = uncovered(group, picked);
        let parts = group.iter().zip(picked.iter()).zip(open).enumerate();
        let smallest = parts
            .filter(|(_, ((c, is_picked), _))| **is_picked && !c.is_forced)
            .map(|(index, ((c, _), open))| (c.worth * open, index))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match smallest {
            Some((part, index)) if part < worth_min.max(f64::MIN_POSITIVE) => {
                if let Some(slot) = picked.get_mut(index) {
                    *slot = false;
                }
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn contestant(worth: f64, enclosing: &[Share]) -> Contestant {
        let dominator = match enclosing {
            [(index, 1.0)] => Some(*index),
            _ => None,
        };
        Contestant { worth, enclosing: enclosing.to_vec(), dominator, is_forced: false }
    }

    #[test]
    fn an_outer_root_beats_the_inner_ones_it_encloses() {
        let set =
            [contestant(10.0, &[]), contestant(4.0, &[(0, 1.0)]), contestant(5.0, &[(0, 1.0)])];
        assert_eq!(choose(&set, 0.0), [true, false, false]);
    }

    #[test]
    fn inner_roots_beat_an_outer_one_that_pays_too_often() {
        let set =
            [contestant(8.0, &[]), contestant(4.0, &[(0, 1.0)]), contestant(5.0, &[(0, 1.0)])];
        assert_eq!(choose(&set, 0.0), [false, true, true]);
    }

    #[test]
    fn a_shared_callee_is_chosen_beside_its_caller_for_the_rest_of_its_calls() {
        let set = [contestant(10.0, &[]), contestant(6.0, &[(0, 0.5)])];
        assert_eq!(choose(&set, 0.0), [true, true]);
        assert!((saved(&set, &[true, true]) - 13.0).abs() < 1e-9);
        assert_eq!(choose(&set, 3.5), [true, false], "half of it moves less than the least worth");
    }

    #[test]
    fn a_forced_root_stays_and_covers() {
        let mut set = [contestant(-1.0, &[]), contestant(5.0, &[(0, 1.0)])];
        set[0].is_forced = true;
        assert_eq!(choose(&set, 0.0), [true, false]);
    }

    fn sets() -> impl Strategy<Value = Vec<Contestant>> {
        let row = (1.0f64..100.0, proptest::collection::vec((0u32..9, 0.05f32..0.5), 0..3));
        proptest::collection::vec(row, 1..10).prop_map(|rows| {
            let with_index = (0u32..).zip(rows);
            with_index
                .map(|(index, (worth, enclosing))| {
                    let mut inner: Vec<Share> =
                        enclosing.into_iter().filter(|(i, _)| *i < index).collect();
                    inner.dedup_by_key(|(i, _)| *i);
                    contestant(worth, &inner)
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn choosing_is_never_worse_than_any_subset(set in sets()) {
            let value = saved(&set, &choose(&set, 0.0));
            for mask in 0u32..1 << set.len() {
                let other: Vec<bool> = (0..set.len()).map(|i| mask >> i & 1 == 1).collect();
                prop_assert!(saved(&set, &other) <= value + 1e-6);
            }
        }

        #[test]
        fn improvement_comes_near_the_optimum(set in sets()) {
            let best = saved(&set, &exact(&set));
            let found = saved(&set, &improved(&set));
            prop_assert!(found <= best + 1e-6);
            prop_assert!(found >= 0.8 * best, "{found} of {best}");
        }

        #[test]
        fn a_forest_is_solved_exactly(parents in proptest::collection::vec((any::<u32>(), 1.0f64..100.0), 1..11)) {
            let set: Vec<Contestant> = (0u32..).zip(&parents).map(|(index, (parent, worth))| {
                let parent = (parent % (index + 1)).checked_sub(1);
                contestant(*worth, &parent.map(|p| vec![(p, 1.0)]).unwrap_or_default())
            }).collect();
            let best = saved(&set, &exact(&set));
            prop_assert!((saved(&set, &forest_optimum(&set)) - best).abs() < 1e-6);
        }
    }
}
