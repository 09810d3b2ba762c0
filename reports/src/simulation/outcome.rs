//! What one run of one way came to: service, and everything that is billed, unpriced.

use super::pool::PoolTally;
use super::recorder::Latencies;

/// The life of a machine that was started, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineLife {
    /// When it was asked for.
    pub requested_at: u64,
    /// When the bill begins.
    pub billed_from: u64,
    /// When it took its first request.
    pub ready_at: u64,
    /// When the load no longer needed it, or the window's end.
    pub idle_from: u64,
    /// When the bill ends.
    pub ended_at: u64,
}

/// What workers did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerUse {
    /// Invocations that served a request.
    pub invocations: u64,
    /// Their time, each rounded up to 1 ms.
    pub served_ms: u64,
    /// Of that time, the part on provisioned workers.
    pub provisioned_ms: u64,
    /// Starts.
    pub starts: u64,
    /// Time of the starts, each rounded up to 1 ms.
    pub start_ms: u64,
    /// Shadow executions.
    pub shadows: u64,
    /// Their time, each rounded up to 1 ms.
    pub shadow_ms: u64,
    /// Calls the platform refused.
    pub refused: u64,
    /// Worker-time alive and busy, provisioned workers not included.
    pub tally: PoolTally,
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Requests that arrived after the warm-up.
    pub arrived: u64,
    /// Of them answered.
    pub answered: u64,
    /// Of them refused or given up.
    pub dropped: u64,
    /// Of them still inside when the run was cut.
    pub unfinished: u64,
    /// Of them offloaded.
    pub offloaded: u64,
    /// Requests answered at home because no worker was free.
    pub kept_home: u64,
    /// Requests that had to wait for a thread.
    pub queued: u64,
    /// Requests that arrived in the burst.
    pub burst_arrived: u64,
    /// Latencies of the burst's requests that were answered.
    pub burst: Latencies,
    /// Sum of the latencies of all counted requests, ns.
    pub latency_sum_ns: u128,
    /// Sum over time of the requests inside, ns.
    pub inside_area_ns: u128,
    /// When the last counted request left, ns.
    pub ended_at: u64,
    /// vCPU-time used by the server.
    pub server_vcpu_ns: u64,
    /// Machines started.
    pub machines: Vec<MachineLife>,
    /// Workers' use.
    pub workers: WorkerUse,
    /// Machines that stood there from the start.
    pub standing: u32,
    /// Surplus CPU credits charged, vCPU-ns, over all machines.
    pub surplus_vcpu_ns: u64,
    /// Balance of CPU credits at the end, vCPU-ns, over all machines.
    pub credit_balance_vcpu_ns: u64,
    /// Time machines ran throttled to their baseline, ns, over all machines.
    pub throttled_ns: u64,
}
