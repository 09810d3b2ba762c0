//! `--offload`: how many invocations go to workers, as a person says it and as the gate is told.

use std::fmt;
use std::str::FromStr;

/// What a person asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum OffloadMode {
    /// None: the gate stays closed.
    Off,
    /// Every one for which a worker is idle.
    All,
    /// That share of them, 0..=1, if a worker is idle.
    Ratio(f64),
    /// As many as the server's load asks for.
    #[default]
    Auto,
}

impl FromStr for OffloadMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => return Ok(Self::Off),
            "all" => return Ok(Self::All),
            "auto" => return Ok(Self::Auto),
            _ => {}
        }
        let ratio = text.strip_prefix("ratio=").and_then(|value| value.parse::<f64>().ok());
        match ratio {
            Some(ratio) if (0.0..=1.0).contains(&ratio) => Ok(Self::Ratio(ratio)),
            Some(_) => Err(format!("`{text}`: a ratio is between 0 and 1")),
            None => Err(format!("`{text}` is none of off, all, auto, ratio=0.5")),
        }
    }
}

impl fmt::Display for OffloadMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::All => f.write_str("all"),
            Self::Ratio(ratio) => write!(f, "ratio={ratio}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

/// What the gate is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    /// Of the invocations, 0..=1.
    pub(crate) open: f64,
    /// Roots that cost the server more offloaded than local are left alone.
    pub(crate) selective: bool,
    /// Roots are timed even while none of their invocations is to leave.
    pub(crate) watched: bool,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.open {
            open if open <= 0.0 && !self.watched => f.write_str("off"),
            open if self.selective => write!(f, "auto={open}"),
            open if open >= 1.0 => f.write_str("all"),
            open => write!(f, "ratio={open}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_read_back_and_nonsense_is_told() {
        for text in ["off", "all", "auto", "ratio=0.5", "ratio=0"] {
            assert_eq!(text.parse::<OffloadMode>().unwrap().to_string(), text);
        }
        for wrong in ["", "half", "ratio=", "ratio=1.5", "ratio=-1", "ratio=NaN", "0.5"] {
            assert!(wrong.parse::<OffloadMode>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_gate_hears_its_ends_by_name() {
        let told = |selective, watched| {
            [0.0, 0.25, 1.0].map(|open| Share { open, selective, watched }.to_string())
        };
        assert_eq!(told(false, false), ["off", "ratio=0.25", "all"]);
        assert_eq!(told(true, false), ["off", "auto=0.25", "auto=1"]);
        assert_eq!(told(true, true), ["auto=0", "auto=0.25", "auto=1"]);
    }
}
