/** A picture of the chart for a message or a slide: heading, finding, chart and source in one image. */
export interface PictureText {
  heading: string;
  finding: string;
  source: string;
}

const MARGIN = 24;

export function composePicture(
  chart: HTMLCanvasElement,
  text: PictureText,
  ratio: number,
): HTMLCanvasElement {
  const picture = document.createElement('canvas');
  const [top, bottom] = [88 * ratio, 40 * ratio];
  picture.width = chart.width + 2 * MARGIN * ratio;
  picture.height = chart.height + top + bottom;
  const ctx = picture.getContext('2d');
  if (!ctx) return picture;
  const { fontFamily, color, backgroundColor } = getComputedStyle(document.body);
  const write = (line: string, size: number, weight: number, y: number): void => {
    ctx.font = `${weight} ${size * ratio}px ${fontFamily}`;
    ctx.fillText(line, MARGIN * ratio, y);
  };
  ctx.fillStyle = backgroundColor;
  ctx.fillRect(0, 0, picture.width, picture.height);
  ctx.drawImage(chart, MARGIN * ratio, top);
  ctx.fillStyle = color;
  write(text.heading, 22, 600, 40 * ratio);
  write(text.finding, 14, 400, 66 * ratio);
  write(text.source, 12, 400, picture.height - 16 * ratio);
  return picture;
}

/** Hand a picture to the person as a file. */
export function savePicture(picture: HTMLCanvasElement, name: string): void {
  picture.toBlob((blob) => {
    if (!blob) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
