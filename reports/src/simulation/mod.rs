//! The burst simulation: open-loop arrivals on a server, machines that start slowly, workers that
//! start fast, limits and credits. Pure and seeded, in integer nanoseconds: the same scenario and
//! seed give the same outcome. Owns no price; it hands over what was used.

mod credits;
mod engine;
mod event;
mod function;
pub mod law;
mod limit;
mod node;
mod outcome;
mod policy;
mod pool;
pub mod random;
mod recorder;
mod scenario;

pub use credits::{CreditAccount, CreditMode};
pub use engine::run;
pub use function::{FunctionModel, FunctionOutcome, simulate_function};
pub use law::Law;
pub use limit::{ScaleGate, ScaleLimit};
pub use node::{Admission, Node, NodeSize};
pub use outcome::{MachineLife, Outcome, WorkerUse};
pub use policy::Policy;
pub use pool::{PoolTally, WorkerId, WorkerPool};
pub use recorder::{Bucket, Latencies, Timeline};
pub use scenario::{
    Extra, MachinesSpec, Mode, Scaler, Scenario, Stage, StandingSpec, WarmUp, WorkersSpec,
};
