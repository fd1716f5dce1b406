//! A plain page of text as PDF (ISO 32000): one font every reader has, no picture, no script, nothing from elsewhere. What
//! stands on it is the caller's.

/// A4 in points.
const PAGE: (u32, u32) = (595, 842);
const LEFT: u32 = 56;
const TOP: u32 = 780;
/// Points from line to line.
const STEP: u32 = 17;
/// Lines of a page.
const LINES: usize = 42;

/// One line: a heading or not, and columns with their distance from the left edge in points.
pub struct Line {
    /// Larger and bold.
    pub heading: bool,
    /// Distance and text.
    pub columns: Vec<(u32, String)>,
}

impl Line {
    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self { heading: true, columns: vec![(0, text.into())] }
    }

    /// A line of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { heading: false, columns: vec![(0, text.into())] }
    }

    /// A name and its figures.
    pub fn row(name: impl Into<String>, figures: [String; 2]) -> Self {
        let [first, second] = figures;
        Self { heading: false, columns: vec![(0, name.into()), (330, first), (410, second)] }
    }
}

/// A text in the encoding of the standard fonts (`WinAnsi`); what it lacks becomes a question mark.
fn encoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        let byte = match c {
            '\u{202F}' => b' ',
            '€' => 0x80,
            '‘' => 0x91,
            '’' => 0x92,
            '“' => 0x93,
            '”' => 0x94,
            '–' => 0x96,
            '—' => 0x97,
            'œ' => 0x9C,
            'Œ' => 0x8C,
            c => u8::try_from(c).ok().filter(|byte| matches!(byte, 0x20..=0x7E | 0xA0..)).unwrap_or(b'?'),
        };
        if matches!(byte, b'(' | b')' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

fn content(lines: &[Line]) -> Vec<u8> {
    let mut out = Vec::new();
    for (line, at) in lines.iter().zip((0..).map(|n| TOP - n * STEP)) {
        let (font, size) = if line.heading { ("F2", 13) } else { ("F1", 10) };
        for (x, text) in &line.columns {
            out.extend(format!("BT /{font} {size} Tf {} {at} Td (", LEFT + x).into_bytes());
            out.extend(encoded(text));
            out.extend(b") Tj ET\n");
        }
    }
    out
}

/// The document.
#[must_use]
pub fn document(lines: &[Line]) -> Vec<u8> {
    let pages: Vec<&[Line]> = if lines.is_empty() { vec![&[]] } else { lines.chunks(LINES).collect() };
    let kids: Vec<String> = (0..pages.len()).map(|n| format!("{} 0 R", 5 + 2 * n)).collect();
    let font = |name: &str| format!("<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>");
    let mut objects: Vec<Vec<u8>> = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Count {}/Kids[{}]>>", pages.len(), kids.join(" ")).into_bytes(),
        font("Helvetica").into_bytes(),
        font("Helvetica-Bold").into_bytes(),
    ];
    for (n, page) in pages.iter().enumerate() {
        let (width, height) = PAGE;
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents {} 0 R/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>>>",
                6 + 2 * n
            )
            .into_bytes(),
        );
        let content = content(page);
        let mut stream = format!("<</Length {}>>stream\n", content.len()).into_bytes();
        stream.extend(content);
        stream.extend(b"endstream");
        objects.push(stream);
    }
    let mut out = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push(out.len());
        out.extend(format!("{number} 0 obj\n").into_bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").into_bytes());
    }
    let size = objects.len() + 1;
    out.extend(format!("trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").into_bytes());
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;

    #[test]
    fn every_object_stands_where_the_table_says() {
        let lines: Vec<Line> =
            (0..100).map(|n| Line::row(format!("Ligne {n} (été) l’appel"), ["1".into(), "2".into()])).collect();
        let bytes = document(&lines);
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let table = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse::<usize>().unwrap();
        assert!(text[..].char_indices().nth(table).is_some() && bytes[table..].starts_with(b"xref"));
        let rows: Vec<&[u8]> = bytes[table..].split(|byte| *byte == b'\n').skip(3).take(10).collect();
        for (number, row) in (1..).zip(&rows) {
            let offset: usize = std::str::from_utf8(&row[..10]).unwrap().parse().unwrap();
            assert!(bytes[offset..].starts_with(format!("{number} 0 obj").as_bytes()), "{number}");
        }
        assert!(text.contains("/Count 3") && text.contains("Ligne 99 \\(\u{e9}t\u{e9}\\) l\u{92}appel"));
    }
}
