//! A sample as `BeeDeepSample.pack` gives it: numbers only. The constants are those of the Java side.

/// Longs before the counters.
const HEAD: usize = 8;
/// Longs of a counter and of an object.
const WIDTH: usize = 4;
const THIRD_BITS: u32 = 26;
const HOLDER_BITS: u32 = 26;

/// What a counter counts; see `BeeDeepSample`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Field,
    Edge,
    Native,
    Static,
    Lock,
    StaticLock,
    Shared,
    Thread,
    Task,
    Connection,
    Host,
    Entered,
    Created,
    Loaded,
    Linked,
    Exception,
    Reflection,
}

const KINDS: [Counted; 17] = [
    Counted::Field,
    Counted::Edge,
    Counted::Native,
    Counted::Static,
    Counted::Lock,
    Counted::StaticLock,
    Counted::Shared,
    Counted::Thread,
    Counted::Task,
    Counted::Connection,
    Counted::Host,
    Counted::Entered,
    Counted::Created,
    Counted::Loaded,
    Counted::Linked,
    Counted::Exception,
    Counted::Reflection,
];

/// One counter of a sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counter {
    pub(crate) kind: Counted,
    pub(crate) first: u32,
    pub(crate) second: u32,
    pub(crate) third: u32,
    pub(crate) one: u64,
    pub(crate) two: u64,
}

/// What a reference was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    This,
    Argument(u32),
    /// Number of the field.
    Field(u32),
    Static(u32),
    /// Class of the array.
    Element(u32),
    ThreadLocal,
    /// Number of the lambda's body.
    Capture(u32),
    /// Number of the method called.
    Call(u32),
    /// A field nobody named, of this class.
    HiddenField(u32),
}

/// One object of a sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touched {
    /// Number of its class within the sample.
    pub(crate) class: u32,
    /// `None` for new objects.
    pub(crate) holder: Option<Holder>,
    /// Elements of an array, characters of a string.
    pub(crate) length: u32,
    pub(crate) is_used: bool,
    pub(crate) element_reads: u64,
    pub(crate) element_writes: u64,
}

/// A whole sample.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) root: u32,
    pub(crate) wall_us: u64,
    pub(crate) handed_over: bool,
    pub(crate) failed: bool,
    pub(crate) cold: bool,
    pub(crate) new_objects: u64,
    pub(crate) calls: u64,
    pub(crate) counters: Vec<Counter>,
    pub(crate) objects: Vec<Touched>,
}

impl Packed {
    /// Reads a sample; `None` if it is not one.
    pub(crate) fn read(longs: &[i64]) -> Option<Self> {
        let head = longs.get(..HEAD)?;
        let &[root, wall_ns, flags, counters, objects, _, new_objects, calls] = head else {
            return None;
        };
        let counters_end = HEAD + WIDTH * usize::try_from(counters).ok()?;
        let objects_end = counters_end + WIDTH * usize::try_from(objects).ok()?;
        let counters = longs.get(HEAD..counters_end)?.chunks_exact(WIDTH);
        let objects = longs.get(counters_end..objects_end)?.chunks_exact(WIDTH);
        Some(Self {
            root: root as u32,
            wall_us: wall_ns.max(0) as u64 / 1000,
            handed_over: flags & 1 != 0,
            failed: flags & 2 != 0,
            cold: flags & 4 != 0,
            new_objects: new_objects.max(0) as u64,
            calls: calls.max(0) as u64,
            counters: counters.filter_map(counter).collect(),
            objects: objects.filter_map(object).collect(),
        })
    }
}

fn counter(longs: &[i64]) -> Option<Counter> {
    let &[key, kind, one, two] = longs else { return None };
    let kind = kind as u32;
    Some(Counter {
        kind: *KINDS.get((kind >> THIRD_BITS).checked_sub(1)? as usize)?,
        first: (key >> 32) as u32,
        second: key as u32,
        third: kind & ((1 << THIRD_BITS) - 1),
        one: one.max(0) as u64,
        two: two.max(0) as u64,
    })
}

fn object(longs: &[i64]) -> Option<Touched> {
    let &[place, state, element_reads, element_writes] = longs else { return None };
    let state_bits = state as u32;
    let is_new = state_bits & 1 != 0;
    Some(Touched {
        class: (place >> 32) as u32,
        holder: if is_new { None } else { holder(place as u32) },
        length: (state >> 32) as u32,
        is_used: state_bits & 2 != 0,
        element_reads: element_reads.max(0) as u64,
        element_writes: element_writes.max(0) as u64,
    })
}

/// Reads the number of a holder.
pub(crate) fn holder(number: u32) -> Option<Holder> {
    let low = number & ((1 << HOLDER_BITS) - 1);
    Some(match number >> HOLDER_BITS {
        1 => Holder::This,
        2 => Holder::Argument(low),
        3 => Holder::Field(low),
        4 => Holder::Static(low),
        5 => Holder::Element(low),
        6 => Holder::ThreadLocal,
        7 => Holder::Capture(low),
        8 => Holder::Call(low),
        9 => Holder::HiddenField(low),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_reads_back() {
        let read_only = [(3 << 32) | 1, i64::from(1u32 << 26), 5, 0];
        let existing = [(7 << 32) | (3 << 26 | 9), 2, 0, 0];
        let new = [0, 1 | (12 << 32), 4, 0];
        let head = [2, 5_000, 1 | 4, 1, 2, 99, 1, 8];
        let longs = [&head[..], &read_only, &existing, &new].concat();
        let packed = Packed::read(&longs).unwrap();
        assert_eq!((packed.root, packed.wall_us, packed.calls), (2, 5, 8));
        assert!(packed.handed_over && !packed.failed && packed.cold);
        let counter = packed.counters[0];
        assert_eq!((counter.kind, counter.first, counter.second), (Counted::Field, 3, 1));
        assert_eq!((counter.one, counter.two, counter.third), (5, 0, 0));
        assert_eq!(packed.objects[0].holder, Some(Holder::Field(9)));
        assert!(packed.objects[0].is_used && packed.objects[0].class == 7);
        assert_eq!((packed.objects[1].holder, packed.objects[1].length), (None, 12));
        assert!(Packed::read(&longs[..9]).is_none());
    }
}
