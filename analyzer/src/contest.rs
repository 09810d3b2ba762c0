//! The competition between candidates: who is refused by itself, who is chosen, who is covered by
//! whom, and who was switched by hand. Joins `verdict`, `sharing` and `select`.

use std::collections::BTreeMap;

use crate::components::Components;
use crate::dominators::Dominators;
use crate::graph::CallGraph;
use crate::hierarchy::Hierarchy;
use crate::select::{Contestant, choose, saved, uncovered};
use crate::sharing::enclosing;
use crate::verdict::{Refusal, Subject, Terms, refusal};

/// A person's choice about a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hand {
    /// None.
    #[default]
    Free,
    /// Switched on.
    On,
    /// Switched off.
    Off,
}

/// How a candidate came out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    /// Refused by itself.
    Refused(Refusal),
    /// Chosen; the share of its invocations that no other chosen root encloses.
    Chosen { open: f64 },
    /// Worth it by itself, but its invocations run inside other chosen roots: the most important one
    /// and the share of invocations inside any.
    Covered { by: u32, share: f64 },
    /// Worth it by itself, but the roots inside it save more without it.
    Outdone { by: u32 },
    /// Switched off by hand.
    SwitchedOff,
}

/// Outcome of all, in the order of the subjects.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) standing: Vec<Standing>,
    /// Processor time the chosen set saves, µs; `None` if that of a forced root is unknown.
    pub(crate) saved_us: Option<f64>,
}

/// What a contest is held on.
pub(crate) struct Contest<'a> {
    pub(crate) graph: &'a CallGraph,
    pub(crate) components: &'a Components,
    pub(crate) dominators: &'a Dominators,
    pub(crate) terms: Terms<'a>,
}

impl Contest<'_> {
    /// Decides about every subject.
    pub(crate) fn run(
        &self,
        hierarchy: &Hierarchy<'_>,
        subjects: &[Subject<'_>],
        hands: &[Hand],
    ) -> Outcome {
        debug_assert_eq!(subjects.len(), hands.len());
        debug_assert!(subjects.iter().all(|s| hierarchy.is_user_method(s.method)));
        let spoken = |id: u32| crate::report::spoken(&hierarchy.trace().method_label(id));
        let refusals: Vec<Option<Refusal>> =
            subjects.iter().map(|s| refusal(s, self.terms, &spoken)).collect();
        let entrants = self.entrants(subjects, hands, &refusals);
        let methods: Vec<u32> =
            entrants.iter().filter_map(|&i| subjects.get(i)).map(|s| s.method).collect();
        let contestants = self.contestants(subjects, hands, &entrants, &methods);
        let worth_min = self.terms.budget.load_moved_min * self.terms.server_cpu_us.unwrap_or(0.0);
        let chosen = choose(&contestants, worth_min);
        let open = uncovered(&contestants, &chosen);
        let place: BTreeMap<usize, usize> =
            entrants.iter().enumerate().map(|(at, &subject)| (subject, at)).collect();
        let field = Field { contestants: &contestants, chosen: &chosen, methods: &methods };
        let all = refusals.into_iter().zip(hands).enumerate();
        let standing =
            all.map(|(index, (refused, hand))| match (refused, hand, place.get(&index)) {
                (Some(refused), ..) => Standing::Refused(refused),
                (None, Hand::Off, _) | (None, _, None) => Standing::SwitchedOff,
                (None, _, Some(&at)) => field.standing(at, open.get(at).copied().unwrap_or(1.0)),
            });
        let is_known = entrants.iter().zip(&chosen).all(|(&index, &is_chosen)| {
            !is_chosen || subjects.get(index).is_some_and(|s| s.saved_us(self.terms).is_some())
        });
        let standing = standing.collect();
        Outcome { standing, saved_us: is_known.then(|| saved(&contestants, &chosen)) }
    }

    /// Indices of the subjects that compete, callers before callees.
    fn entrants(
        &self,
        subjects: &[Subject<'_>],
        hands: &[Hand],
        refusals: &[Option<Refusal>],
    ) -> Vec<usize> {
        let rows = subjects.iter().zip(hands).zip(refusals).enumerate();
        let mut entrants: Vec<(std::cmp::Reverse<u32>, u32, usize)> = rows
            .filter(|(_, ((_, hand), refused))| match hand {
                Hand::On => true,
                Hand::Off => false,
                Hand::Free => refused.is_none(),
            })
            .map(|(index, ((s, _), _))| {
                (std::cmp::Reverse(self.components.of(s.method)), s.method, index)
            })
            .collect();
        entrants.sort_unstable();
        entrants.into_iter().map(|(.., index)| index).collect()
    }

    fn contestants(
        &self,
        subjects: &[Subject<'_>],
        hands: &[Hand],
        entrants: &[usize],
        methods: &[u32],
    ) -> Vec<Contestant> {
        let shares = enclosing(self.graph, self.components, methods);
        let dominators = self.dominators.nearest(methods);
        let rows = entrants.iter().zip(shares).zip(dominators).enumerate();
        rows.map(|(at, ((&index, mut enclosing), dominator))| {
            // Members of one recursion may name each other; only earlier ones count.
            enclosing.retain(|(i, _)| (*i as usize) < at);
            let saved_us = subjects
                .get(index)
                .and_then(|s| Some(s.saved_us(self.terms)? * s.invocations as f64));
            Contestant {
                worth: saved_us.unwrap_or(0.0),
                enclosing,
                dominator: dominator.filter(|&d| (d as usize) < at),
                is_forced: hands.get(index) == Some(&Hand::On),
            }
        })
        .collect()
    }
}

/// The decided field, for telling each contestant how it stands.
struct Field<'a> {
    contestants: &'a [Contestant],
    chosen: &'a [bool],
    methods: &'a [u32],
}

impl Field<'_> {
    fn standing(&self, at: usize, open: f64) -> Standing {
        if self.chosen.get(at) == Some(&true) {
            return Standing::Chosen { open };
        }
        let method = |index: u32| self.methods.get(index as usize).copied().unwrap_or(u32::MAX);
        let mut covers = BTreeMap::new();
        self.covers(at, 1.0, &mut covers);
        let by = covers.iter().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)));
        match (by, self.inner(at)) {
            (Some((&by, share)), inner) if inner.is_none() || *share >= 0.5 => {
                Standing::Covered { by: method(by), share: 1.0 - open }
            }
            (_, Some(inner)) => Standing::Outdone { by: method(inner) },
            _ => Standing::Refused(Refusal::beside_chosen()),
        }
    }

    /// Adds up, by chosen contestant, the shares of `at`'s invocations it directly encloses.
    fn covers(&self, at: usize, part: f64, found: &mut BTreeMap<u32, f64>) {
        for &(index, share) in self.contestants.get(at).map_or(&[][..], |c| &c.enclosing) {
            let part = part * f64::from(share);
            if self.chosen.get(index as usize) == Some(&true) {
                *found.entry(index).or_default() += part;
            } else if part > 1e-3 {
                self.covers(index as usize, part, found);
            }
        }
    }

    /// The chosen contestant inside `at` that is worth most.
    fn inner(&self, at: usize) -> Option<u32> {
        let mut inside = vec![false; self.contestants.len()];
        let mut best: Option<(f64, u32)> = None;
        for (index, contestant) in self.contestants.iter().enumerate().skip(at + 1) {
            let is_inside = contestant
                .enclosing
                .iter()
                .any(|(i, _)| *i as usize == at || inside.get(*i as usize) == Some(&true));
            if let Some(slot) = inside.get_mut(index) {
                *slot = is_inside;
            }
            let is_chosen = self.chosen.get(index) == Some(&true);
            if is_inside && is_chosen && best.is_none_or(|(worth, _)| contestant.worth > worth) {
                best = Some((contestant.worth, index as u32));
            }
        }
        best.map(|(_, index)| index)
    }
}
