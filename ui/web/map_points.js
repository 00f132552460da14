// The points of one map: which is near a place, which lie in a box, and which inside an area.
// Places are in the steps of the map, 0 to 65535, y upwards.

const CELL_BITS = 8; // a grid of 256 by 256 cells
const CELLS = 1 << CELL_BITS;

class Points {
  constructor(positions) {
    this.positions = positions;
    this.count = positions.length / 2;
    const cells = new Uint16Array(this.count);
    // Points are sorted by their cells: `starts` says where each cell's begin in `sorted`.
    this.starts = new Uint32Array(CELLS * CELLS + 1);
    for (let i = 0; i < this.count; i++) {
      cells[i] = (positions[2 * i + 1] >> CELL_BITS) * CELLS + (positions[2 * i] >> CELL_BITS);
      this.starts[cells[i] + 1]++;
    }
    for (let cell = 0; cell < CELLS * CELLS; cell++) this.starts[cell + 1] += this.starts[cell];
    const next = this.starts.slice();
    this.sorted = new Uint32Array(this.count);
    for (let i = 0; i < this.count; i++) this.sorted[next[cells[i]]++] = i;
  }

  // The points in a box, as many as `most` of them.
  inBox(left, bottom, right, top, most = Infinity) {
    const found = [];
    const cell = (value) => Math.min(CELLS - 1, Math.max(0, value >> CELL_BITS));
    for (let row = cell(bottom); row <= cell(top); row++) {
      const first = this.starts[row * CELLS + cell(left)];
      const last = this.starts[row * CELLS + cell(right) + 1];
      for (let at = first; at < last; at++) {
        const i = this.sorted[at];
        const x = this.positions[2 * i];
        const y = this.positions[2 * i + 1];
        if (x < left || x > right || y < bottom || y > top) continue;
        found.push(i);
        if (found.length >= most) return found;
      }
    }
    return found;
  }

  nearest(x, y, reach) {
    let nearest = -1;
    let least = reach * reach;
    for (const i of this.inBox(x - reach, y - reach, x + reach, y + reach)) {
      const distance = (this.positions[2 * i] - x) ** 2 + (this.positions[2 * i + 1] - y) ** 2;
      if (distance <= least) [nearest, least] = [i, distance];
    }
    return nearest;
  }

  // A byte for each point, 1 inside: the server's arithmetic (search/maps/area.py), step by step.
  inside(corners) {
    const mask = new Uint8Array(this.count);
    const xs = corners.map(([x]) => x);
    const ys = corners.map(([, y]) => y);
    const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    for (const i of this.inBox(...box)) {
      const x = this.positions[2 * i];
      const y = this.positions[2 * i + 1];
      let odd = 0;
      for (let at = 0; at < corners.length; at++) {
        const [x1, y1] = corners[at];
        const [x2, y2] = corners[(at + 1) % corners.length];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd ^= 1;
      }
      mask[i] = odd;
    }
    return mask;
  }
}

// An area as an address has it: base64 of unsigned 16-bit x and y, little-endian.
function writeArea(corners) {
  const bytes = corners.flat().flatMap((value) => [value & 255, value >> 8]);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function readArea(text) {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const corners = [];
  for (let at = 0; at + 3 < bytes.length; at += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((more) => bytes.charCodeAt(at + more));
    corners.push([a | (b << 8), c | (d << 8)]);
  }
  return corners;
}

// A drawn line with no more corners than an address takes (Ramer, Douglas and Peucker).
function simplified(line, most) {
  const far = (first, last, off) => {
    const [x1, y1] = line[first];
    const [dx, dy] = [line[last][0] - x1, line[last][1] - y1];
    const length = Math.hypot(dx, dy) || 1;
    let farthest = -1;
    for (let at = first + 1; at < last; at++) {
      const [x, y] = [line[at][0] - x1, line[at][1] - y1];
      const distance = dx || dy ? Math.abs(x * dy - y * dx) / length : Math.hypot(x, y);
      if (distance > off) [farthest, off] = [at, distance];
    }
    return farthest;
  };
  const keep = (first, last, off) => {
    const at = far(first, last, off);
    return at < 0 ? [line[first]] : [...keep(first, at, off), ...keep(at, last, off)];
  };
  for (let off = 1; ; off *= 1.5) {
    const kept = [...keep(0, line.length - 1, off), line[line.length - 1]];
    if (kept.length <= most) return kept;
  }
}

// The works of one map that are marked on another, by their ids, which ascend in both.
function carriedOver(mask, ids, otherIds) {
  const carried = new Uint8Array(otherIds.byteLength / 16);
  let there = 0;
  for (let here = 0; here < mask.length; here++) {
    if (!mask[here]) continue;
    let order = -1;
    while (there < carried.length && (order = compared(otherIds, there, ids, here)) < 0) there++;
    if (there < carried.length && order === 0) carried[there] = 1;
  }
  return carried;
}

function compared(one, at, other, otherAt) {
  for (let word = 0; word < 16; word += 4) {
    const difference = one.getUint32(16 * at + word) - other.getUint32(16 * otherAt + word);
    if (difference) return difference;
  }
  return 0;
}

function idAt(ids, at) {
  const hex = Array.from({ length: 16 }, (_, byte) =>
    ids.getUint8(16 * at + byte).toString(16).padStart(2, "0"),
  ).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
