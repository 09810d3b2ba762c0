//! How wide words come out in a drawing, for fonts nobody knows beforehand: the widths are those of
//! DejaVu Sans, the widest of the usual ones, rounded up. Owns no drawing.

/// Widths are told for this size, pixels.
const SIZE: f64 = 12.0;

fn letter_width(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '.' | ',' | ' ' | ':' => 4.0,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' => 5.2,
        'M' | 'm' | 'W' | '…' | '@' => 12.0,
        'w' | '#' | '→' | 'G' | 'N' | 'O' | 'Q' | 'H' | 'D' | 'U' | '<' | '>' | '&' => 10.1,
        letter if letter.is_ascii_uppercase() => 8.8,
        letter if letter.is_ascii() => 7.7,
        // Other scripts, full width at worst.
        _ => 12.0,
    }
}

/// Width of a text in letters of `size` pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(letter_width).sum::<f64>() * size / SIZE
}

/// The letters of an iterator that fit into a room together with `…`.
pub(crate) fn fitting(letters: impl Iterator<Item = char>, room: f64, size: f64) -> Vec<char> {
    let mut left = room * SIZE / size - letter_width('…');
    let fits = |letter: &char| {
        left -= letter_width(*letter);
        left >= 0.0
    };
    letters.take_while(fits).collect()
}
