//! Seeded random streams. Each purpose has its own, so that every way of scaling meets the same
//! arrivals and the same requests (common random numbers), whatever else it draws.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// The generator of all streams; named in the report.
pub const GENERATOR: &str = "pcg64-mcg, one stream per seed and purpose";

/// What a stream of random numbers is for.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// Times of arrival.
    Arrivals = 1,
    /// Class and size of each request.
    Requests = 2,
    /// Start-up of machines and workers.
    StartUp = 3,
    /// Back-off of refused calls.
    BackOff = 4,
}

/// The stream of `seed` for one purpose.
pub fn stream(seed: u64, purpose: Stream) -> Pcg64Mcg {
    // SplitMix64's finaliser spreads neighbouring seeds over the whole range.
    let mut z =
        seed.wrapping_mul(8).wrapping_add(purpose as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    Pcg64Mcg::seed_from_u64(z ^ (z >> 31))
}
