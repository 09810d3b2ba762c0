//! When requests come: open loop, so the load does not wait for the server. Owns rates, bursts
//! and arrival files; yields one rising stream of nanoseconds per seed.

mod azure;
mod file;
mod mmpp;
mod shape;

use std::sync::Arc;

use rand_pcg::Pcg64Mcg;

pub use azure::{Azure, read_azure};
pub use file::{ArrivalFile, read_arrivals};
pub use mmpp::Mmpp;
pub use shape::{Segment, segments_of};

use crate::simulation::random::{Stream, stream};

/// A source of arrivals, the same for every way.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Poisson arrivals whose rate follows segments.
    Rates(Arc<[Segment]>),
    /// A Poisson process that switches between a calm and a busy state, over segments' time.
    Switching(Mmpp),
    /// Instants read from a file, ns, rising.
    Instants(Arc<[u64]>),
    /// Counts per minute read from a file; instants are spread evenly at random within a minute.
    Minutes(Arc<[u32]>),
}

/// The arrivals of one seed.
#[derive(Debug)]
pub enum ArrivalStream {
    /// See [`Arrivals::Rates`].
    Rates(shape::RateStream),
    /// See [`Arrivals::Switching`].
    Switching(mmpp::MmppStream),
    /// See [`Arrivals::Instants`].
    Instants(Arc<[u64]>, usize),
    /// See [`Arrivals::Minutes`].
    Minutes(azure::MinuteStream),
}

impl Arrivals {
    /// The stream of `seed`.
    pub fn stream(&self, seed: u64) -> ArrivalStream {
        let rng: Pcg64Mcg = stream(seed, Stream::Arrivals);
        match self {
            Self::Rates(segments) => {
                ArrivalStream::Rates(shape::RateStream::new(Arc::clone(segments), rng))
            }
            Self::Switching(mmpp) => ArrivalStream::Switching(mmpp::MmppStream::new(*mmpp, rng)),
            Self::Instants(instants) => ArrivalStream::Instants(Arc::clone(instants), 0),
            Self::Minutes(counts) => {
                ArrivalStream::Minutes(azure::MinuteStream::new(Arc::clone(counts), rng))
            }
        }
    }
}

impl Iterator for ArrivalStream {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        match self {
            Self::Rates(stream) => stream.next(),
            Self::Switching(stream) => stream.next(),
            Self::Instants(instants, at) => {
                let instant = instants.get(*at).copied();
                *at += 1;
                instant
            }
            Self::Minutes(stream) => stream.next(),
        }
    }
}
