// Runs before the first paint, so that a chosen theme never flashes. A plain script: the page's policy allows no inline one.
(function () {
  try {
    var theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch (error) {
    // Storage is blocked: the system's theme stands.
  }
})();
