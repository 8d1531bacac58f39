(function () {
  "use strict";
  const map = {{ map_name }};
  const words = {{ words|tojson }};
  const frame = map.getContainer();

  // Leaflet's controls in the page's language, and a scale in metres alone.
  L.control.zoom({zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out}).addTo(map);
  L.control.scale({imperial: false, maxWidth: 160}).addTo(map);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", words.map_keyboard);
  const layers = frame.querySelector(".leaflet-control-layers");
  if (layers) {
    layers.setAttribute("role", "group");
    layers.setAttribute("aria-label", words.layers);
    layers.querySelector(".leaflet-control-layers-toggle").title = words.layers;
  }
  map.on("popupopen", function (event) {
    map.eachLayer(function (layer) { if (layer.closeTooltip) { layer.closeTooltip(); } });
    const close = event.popup.getElement().querySelector(".leaflet-popup-close-button");
    if (close) {
      close.setAttribute("aria-label", words.close);
    }
  });

  // Leaflet closes on Escape only while the map itself has the focus, not one of its signs.
  frame.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { map.closePopup(); }
  });

  function signs(kind) {
    const found = [];
    map.eachLayer(function (layer) {
      const icon = layer instanceof L.Marker ? layer.getElement() : null;
      if (icon && icon.classList.contains(kind)) {
        const home = map.latLngToLayerPoint(layer.getLatLng());
        found.push({layer: layer, icon: icon, home: home, x: home.x, y: home.y, fixed: kind === "depot"});
      }
    });
    return found;
  }

  // Numbers that would cover each other move apart; a thin line leads back to the true place.
  function spread() {
    const gap = 35;
    const badges = signs("badge");
    const all = badges.concat(signs("depot"));
    for (let round = 0; round < 120; round += 1) {
      let moved = false;
      for (let i = 0; i < all.length; i += 1) {
        for (let j = i + 1; j < all.length; j += 1) {
          const one = all[i], other = all[j];
          if (one.fixed && other.fixed) { continue; }
          let dx = other.x - one.x, dy = other.y - one.y, apart = Math.hypot(dx, dy);
          if (apart >= gap - 0.5) { continue; }
          if (apart < 0.5) { dx = Math.cos(2.4 * j); dy = Math.sin(2.4 * j); apart = 1; }
          const push = (gap - apart) / (one.fixed || other.fixed ? 1 : 2);
          if (!one.fixed) { one.x -= push * dx / apart; one.y -= push * dy / apart; }
          if (!other.fixed) { other.x += push * dx / apart; other.y += push * dy / apart; }
          moved = true;
        }
      }
      if (!moved) { break; }
    }
    badges.forEach(function (badge) {
      const dx = badge.x - badge.home.x, dy = badge.y - badge.home.y;
      const size = badge.layer.options.icon.options.iconSize[0];
      badge.icon.style.marginLeft = (dx - size / 2) + "px";
      badge.icon.style.marginTop = (dy - size / 2) + "px";
      badge.layer.options.icon.options.popupAnchor = [dx, dy - size / 2];
      badge.layer.options.icon.options.tooltipAnchor = [dx, dy];
      const leader = badge.icon.querySelector(".leader");
      const length = Math.hypot(dx, dy);
      leader.style.width = (length > 3 ? length : 0) + "px";
      leader.style.transform = "rotate(" + Math.atan2(-dy, -dx) + "rad)";
      leader.classList.toggle("long", length > 3);
    });
  }

  // Of district names that would cover each other, the first stays; the others show when there is room.
  function thin() {
    const shown = [];
    frame.querySelectorAll(".place-name").forEach(function (name) {
      const box = name.firstElementChild.getBoundingClientRect();
      const crowded = shown.some(function (other) {
        return box.left < other.right + 2 && other.left < box.right + 2
          && box.top < other.bottom + 1 && other.top < box.bottom + 1;
      });
      name.classList.toggle("crowded", crowded);
      if (!crowded) { shown.push(box); }
    });
  }

  function arrange() {
    spread();
    thin();
  }
  map.on("zoomend overlayadd overlayremove resize", arrange);

  // At first the map shows all there is, and nothing of it lies under the list of layers.
  const first = {{ first_view|tojson }};
  const free = {{ padding }};
  (function () {
    const wide = frame.clientWidth > 700;
    const list = layers ? layers.getBoundingClientRect() : {width: 0, height: 0};
    map.fitBounds(first, {
      animate: false, maxZoom: 15,
      paddingTopLeft: [free, free + (wide ? 0 : list.height)],
      paddingBottomRight: [free + (wide ? list.width : 0), free]
    });
  }());
  arrange();

  // On paper the picture fills the sheet and shows what the screen showed.
  const start = {center: map.getCenter(), zoom: map.getZoom()};
  let seen = null;
  window.addEventListener("beforeprint", function () {
    seen = {bounds: map.getBounds(), center: map.getCenter(), zoom: map.getZoom()};
    const untouched = seen.zoom === start.zoom && map.distance(seen.center, start.center) < 50;
    document.body.classList.add("printing");
    map.invalidateSize({animate: false});
    map.fitBounds(untouched ? first : seen.bounds, {
      animate: false, maxZoom: untouched ? 15 : 18, padding: untouched ? [free, free] : [0, 0]
    });
    arrange();
  });
  window.addEventListener("afterprint", function () {
    document.body.classList.remove("printing");
    map.invalidateSize({animate: false});
    if (seen) { map.setView(seen.center, seen.zoom, {animate: false}); }
    arrange();
  });
}());
