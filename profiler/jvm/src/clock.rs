//! Processor time of the calling thread. The agents use it for their own overhead and, through a
//! native method of the probe class, for sampled root invocations.

/// Processor time of the calling operating-system thread since its start, ns; 0 if the system
/// cannot tell. On a virtual thread that is the carrier's.
pub fn thread_cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec that the call fills.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    if status == 0 { time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64 } else { 0 }
}
