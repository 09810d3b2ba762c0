//! Exports for tools people already have: folded stacks (flame graphs) and the Firefox Profiler.
//! Both show a tree, a trace holds a graph: [`Tree`] spreads counts over call paths in proportion.

mod firefox;
mod folded;
mod tree;

pub use firefox::to_firefox_profile;
pub use folded::to_folded;
