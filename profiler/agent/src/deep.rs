//! The deep run: everything a sampled invocation of a root touches. Beside the old code of each method
//! stands a copy with probes that runs only inside a sample (`probes`), so that outside of samples the
//! application pays for a choice at each entry. Samples are filled by the probe classes
//! (`probe/BeeDeep*.java`), read and named here, and sent as rows of the trace's deep tables.

mod calls;
mod class_names;
mod class_plan;
mod collect;
mod emit;
mod hooks;
mod host_names;
mod member_flags;
mod names;
mod packed;
mod probe_classes;
mod probes;
mod references;
mod rewriting;
mod rows;
mod shapes;
mod sizes;
mod special_calls;
mod unprobed;

pub(crate) use collect::DeepSide;
pub(crate) use rewriting::LightMethod;
