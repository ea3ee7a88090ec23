"""Icons of the studio: own drawings in strokes on a 24-unit square, put into the page, so that they take its ink."""

from __future__ import annotations

from markupsafe import Markup

#: Name -> what is inside the <svg>. Strokes only, except where a shape says fill.
SHAPES = {
    "play": '<path d="M8 5.5v13l10.5-6.5z" fill="currentColor" stroke-linejoin="round"/>',
    "pause": '<path d="M8.5 5.5v13M15.5 5.5v13" stroke-width="2.4"/>',
    "next": '<path d="M6 6v12l9-6z" fill="currentColor" stroke-linejoin="round"/><path d="M17.5 6v12" '
    'stroke-width="2"/>',
    "previous": '<path d="M18 6v12l-9-6z" fill="currentColor" stroke-linejoin="round"/><path d="M6.5 6v12" '
    'stroke-width="2"/>',
    "dislike": '<path d="M12 19.5C5.5 15 4 11.8 4 9.3A4.2 4.2 0 0 1 12 7.6a4.2 4.2 0 0 1 8 1.7c0 2.5-1.5 5.7-8 '
    '10.2z"/><path d="M5 4.5l14 15"/>',
    "why": '<circle cx="12" cy="12" r="8"/><path d="M9.8 9.6a2.3 2.3 0 1 1 3.4 2.1c-.8.4-1.2.9-1.2 1.8M12 16.4h.01" '
    'stroke-linejoin="round"/>',
    "list": '<path d="M5 7h9M5 12h9M5 17h6"/><path d="M18.5 17V8.5l2 1" stroke-linejoin="round"/><circle cx="17" '
    'cy="17" r="1.5" fill="currentColor"/>',
    "stop": '<path d="M7 7h10v10H7z" fill="currentColor" stroke-linejoin="round"/>',
    "heart": '<path d="M12 19.5C5.5 15 4 11.8 4 9.3A4.2 4.2 0 0 1 12 7.6a4.2 4.2 0 0 1 8 1.7c0 2.5-1.5 5.7-8 10.2z"/>',
    "heart-full": '<path d="M12 19.5C5.5 15 4 11.8 4 9.3A4.2 4.2 0 0 1 12 7.6a4.2 4.2 0 0 1 8 1.7c0 '
    '2.5-1.5 5.7-8 10.2z" fill="currentColor"/>',
    "close": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "back": '<path d="M9 7L4.5 11.5 9 16M5 11.5h9.5a4.5 4.5 0 0 1 0 9H12"/>',
    "forward": '<path d="M15 7l4.5 4.5L15 16M19 11.5H9.5a4.5 4.5 0 0 0 0 9H12"/>',
    "trash": '<path d="M5 7.5h14M9.5 7.5V5h5v2.5M7 7.5l.8 12h8.4l.8-12M10.5 11v5.5M13.5 11v5.5"/>',
    "search": '<circle cx="10.5" cy="10.5" r="5.5"/><path d="M14.6 14.6L20 20"/>',
    "mic": '<rect x="9" y="3.5" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>',
    "down": '<path d="M12 4v11M7.5 11L12 15.5 16.5 11M5 19.5h14"/>',
    "up": '<path d="M12 15.5V4.5M7.5 9L12 4.5 16.5 9M5 19.5h14"/>',
    "more": '<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="2.6"/>',
    "chevron": '<path d="M7 10l5 5 5-5"/>',
    "left": '<path d="M14.5 6L8.5 12l6 6"/>',
    "right": '<path d="M9.5 6l6 6-6 6"/>',
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "tag": '<path d="M4 5v6.5l8.5 8.5 7-7L11 4.5H4.5z" stroke-linejoin="round"/><path d="M8 8.5h.01" '
    'stroke-width="2.4"/>',
    "pen": '<path d="M5 19l1-4L15.5 5.5l3 3L9 18z" stroke-linejoin="round"/>',
    "link": '<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 '
    '18.7l1-1"/>',
    "sun": '<circle cx="12" cy="12" r="3.8"/><path d="M12 3v2.2M12 18.8V21M3 12h2.2M18.8 12H21M5.6 5.6l1.6 '
    '1.6M16.8 16.8l1.6 1.6M18.4 5.6l-1.6 1.6M7.2 16.8l-1.6 1.6"/>',
    "moon": '<path d="M18.5 14.5A7.5 7.5 0 0 1 9.5 5.5a7.5 7.5 0 1 0 9 9z" stroke-linejoin="round"/>',
    "half": '<circle cx="12" cy="12" r="7.5"/><path d="M12 4.5a7.5 7.5 0 0 1 0 15z" fill="currentColor"/>',
    "dice": '<rect x="5" y="5" width="14" height="14" rx="2"/><path d="M9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01" '
    'stroke-width="2.2"/>',
    "grip": '<path d="M9.5 7h.01M14.5 7h.01M9.5 12h.01M14.5 12h.01M9.5 17h.01M14.5 17h.01" stroke-width="2.2"/>',
    "sound": '<path d="M4.5 9.5v5h3.5l4.5 4v-13L8 9.5zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11" '
    'stroke-linejoin="round"/>',
    "lock": '<rect x="6" y="11" width="12" height="9" rx="1"/><path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>',
    "keyboard": '<rect x="3.5" y="7" width="17" height="10.5" rx="1.5"/><path d="M7 10.5h.01M10.3 10.5h.01M13.7 '
    '10.5h.01M17 10.5h.01M8.5 14h7"/>',
}


def icon(name: str) -> Markup:
    """An icon's SVG; hidden from screen readers, since the control that holds it has a name."""
    return Markup(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{SHAPES[name]}</svg>')
