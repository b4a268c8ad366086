// Chooses the browser's own time zone where none is chosen yet. Without it the list is read by its reader.
for (const select of document.querySelectorAll("select[data-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!select.value && [...select.options].some((o) => o.value === zone)) select.value = zone;
}
