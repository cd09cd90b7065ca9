/** A text that breaks out of a script element, an attribute and a template, where a page takes texts for markup. */
export const PAYLOAD = `</script><img src=x onerror="document.title='broken out'"><!--<script>'&\u2028\u2029{{7*7}}`;
