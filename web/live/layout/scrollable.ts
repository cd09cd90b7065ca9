/** Goes onto what scrolls by itself: with the focus on it, the keyboard scrolls it. */
export const scrollable = { tabIndex: 0 };
