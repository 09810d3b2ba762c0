//! From runs to figures: means with intervals, the crossing of cost curves, goals. Knows numbers
//! and lines, no way of rendering.

mod crossing;
mod statistics;

pub use crossing::{Crossing, Curve, RatioDefinition, crossings, curve};
pub use statistics::Estimate;
