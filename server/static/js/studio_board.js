// A canvas over the view that painters draw on. They draw in the plane of studio_shapes.js, or in pixels.

const PADDING = 0.25;

export const Board = L.Renderer.extend({
  options: { padding: PADDING },

  /** `paint(pen, view)` is called for every drawing; view: {zoom, scale, px, box, toPx(point)}. */
  initialize(ground, paint, options) {
    this._ground = ground;
    this._paint = paint;
    L.Renderer.prototype.initialize.call(this, options);
  },

  getEvents() {
    return { ...L.Renderer.prototype.getEvents.call(this), move: this._onMove };
  },

  /** Draw anew before the next frame. */
  redraw() {
    this._frame ??= requestAnimationFrame(() => {
      this._frame = null;
      if (this._map && !this._map._animatingZoom) this._update();
    });
    return this;
  },

  /** Dragged so far that the edge of what is drawn comes into view: draw on. */
  _onMove() {
    if (this._map._animatingZoom || !this._bounds) return;
    const size = this._map.getSize();
    const min = this._map.containerPointToLayerPoint([0, 0]);
    if (!this._bounds.contains(L.bounds(min, min.add(size)))) this.redraw();
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", `board board-${this.options.name}`);
    this._container.setAttribute("aria-hidden", "true");
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    const began = performance.now();
    L.Renderer.prototype._update.call(this);
    const { min } = this._bounds;
    const size = this._bounds.getSize();
    const ratio = window.devicePixelRatio || 1;
    const canvas = this._container;
    L.DomUtil.setPosition(canvas, min);
    const [width, height] = [Math.round(size.x * ratio), Math.round(size.y * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    this._paint(pen, this._view(pen, { min, size, ratio }));
    this.drawnInMs = performance.now() - began;
    this.drawnAt = performance.now();
  },

  _view(pen, { min, size, ratio }) {
    const { origin } = this._ground;
    const zoom = this._map.getZoom();
    const scale = 2 ** zoom;
    const left = origin[0] * scale - this._map.getPixelOrigin().x - min.x;
    const top = origin[1] * scale - this._map.getPixelOrigin().y - min.y;
    return {
      zoom,
      scale,
      px: 1 / scale,
      box: [-left / scale, -top / scale, (size.x - left) / scale, (size.y - top) / scale],
      toPx: ([x, y]) => [x * scale + left, y * scale + top],
      plane: () => pen.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio),
      pixels: () => pen.setTransform(ratio, 0, 0, ratio, 0, 0),
    };
  },
});
