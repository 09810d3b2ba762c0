//! Processor time of the calling thread and of the process. The agents use it for their own overhead and, through a
//! native method of the probe class, for sampled root invocations.

/// Processor time of the calling operating-system thread since its start, ns; 0 if the system
/// cannot tell. On a virtual thread that is the carrier's.
pub fn thread_cpu_ns() -> u64 {
    cpu_ns(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Processor time of the whole process since its start, ns; 0 if the system cannot tell.
pub fn process_cpu_ns() -> u64 {
    cpu_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn cpu_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec that the call fills.
    let status = unsafe { libc::clock_gettime(clock, &raw mut time) };
    if status == 0 { time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64 } else { 0 }
}
