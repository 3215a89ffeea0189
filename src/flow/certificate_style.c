/* The style of the page: black on white, one quiet colour, and nothing that grey would lose. */
#include "flow/certificate_page.h"

static const char words[] =
	/* paper */
	"@page{size:A4;margin:20mm 18mm 20mm;"
	"@bottom-right{content:counter(page) \" / \" counter(pages);font:8pt sans-serif;color:#555}"
	"@bottom-left{content:\"Rescind \\00b7  Certificate of erasure\";font:8pt sans-serif;color:#555}}\n"
	"*{box-sizing:border-box}\n"
	"html{background:#e9ebec;font-size:16px;-webkit-text-size-adjust:100%}\n"
	"body{margin:0;color:#1a1d1f;font:1rem/1.55 -apple-system,\"Segoe UI\",\"Helvetica Neue\","
	"\"Liberation Sans\",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
	".sheet{max-width:54rem;margin:2.5rem auto;padding:4.5rem 5rem 3.5rem;background:#fff;"
	"border:1px solid #cfd4d6}\n"
	/* words */
	"h1,h2,h3,.brand{font-family:\"Iowan Old Style\",Charter,\"Palatino Linotype\",Palatino,\"Source Serif 4\","
	"Georgia,\"Liberation Serif\",serif;font-weight:600;color:#12303a;line-height:1.2}\n"
	"h1{font-size:2.5rem;font-weight:500;letter-spacing:-.01em;margin:2.2rem 0 1.6rem}\n"
	"h2{font-size:1.4rem;margin:3.2rem 0 .9rem;padding-top:.75rem;border-top:1px solid #12303a}\n"
	"h3{font-size:1.08rem;margin:2rem 0 .5rem}\n"
	"p{margin:0 0 .9rem;max-width:44rem}\n"
	"ul{margin:0 0 1rem;padding-left:1.2rem;max-width:44rem}\n"
	"li{margin:0 0 .4rem}\n"
	"li::marker{color:#5b676c}\n"
	"main>section:first-child h2{border:0;padding:0;margin-top:2.4rem}\n"
	".lead{font-size:1.09rem;line-height:1.6}\n"
	".note,.quiet{color:#4a5559}\n"
	".note{font-size:.875rem;line-height:1.5;margin-top:.9rem}\n"
	"td .quiet{font-size:.94em}\n"
	/* letterhead */
	".brand{display:flex;align-items:center;gap:.7rem;margin:0;font-size:1.3rem;letter-spacing:.02em}\n"
	".mark{display:block}\n"
	".head{display:flex;flex-wrap:wrap;gap:.8rem 2.6rem;margin:0;padding:1rem 0;border-top:3px solid #12303a;border-bottom:1px solid #b9c1c4}\n"
	".head div{max-width:100%}\n"
	".head div:last-child{margin-left:auto}\n"
	"dt,caption,thead th{font-size:.78rem;font-weight:600;color:#4a5559}\n"
	"dd{margin:.1rem 0 0;font-weight:600}\n"
	".alarm{margin:1.5rem 0 0;padding:1rem 1.2rem;border:3px solid #8c1d18;color:#5f0f0b}\n"
	".alarm p{margin:0}\n";

static const char tables[] =
	"table{width:100%;border-collapse:collapse;margin:1.1rem 0 1rem;font-size:.92rem;line-height:1.45}\n"
	"caption{text-align:left;padding:0 0 .35rem;font-size:.85rem}\n"
	"th,td{padding:.5rem .9rem .5rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #dbe0e2}\n"
	"th:last-child,td:last-child{padding-right:0}\n"
	"thead th{vertical-align:bottom;border-bottom:1px solid #12303a}\n"
	"tbody th{font-weight:600}\n"
	"td p{margin:0 0 .4rem}\n"
	"td p:last-child{margin:0}\n"
	".plain{border-top:1px solid #dbe0e2}\n"
	".plain th{width:12.5rem;font-weight:500;color:#4a5559}\n"
	".count{text-align:right;white-space:nowrap;width:1%}\n"
	"th.count,td.count{padding-right:1.4rem}\n"
	".when,.kind{white-space:nowrap}\n"
	".reached tbody th{width:8rem}\n"
	".reached td:last-child{width:6.5rem}\n"
	".reached tbody th bdi,.reached td:last-child bdi{display:inline-block}\n"
	".reached tbody th bdi::first-letter,.reached td:last-child bdi::first-letter{text-transform:uppercase}\n"
	".checks tbody th{width:6.5rem}\n"
	".result{white-space:nowrap;width:4.5rem;font-weight:600}\n"
	".timeline td:last-child{width:11.5rem}\n"
	".retained .digest{display:block;max-width:17rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}\n"
	/* what was not reached */
	".limits{margin:3.2rem 0 0;padding:1.3rem 1.6rem .8rem;border:2px solid #12303a;background:#f5f6f4}\n"
	".limits h2{margin:0 0 .6rem;padding:0;border:0}\n"
	/* codes */
	"code,pre,.numbers{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"Liberation Mono\",monospace;"
	"font-size:.86em}\n"
	"pre{margin:.6rem 0 1.2rem;padding:.9rem 1rem;background:#f5f6f4;border:1px solid #dbe0e2;"
	"white-space:pre-wrap;font-size:.8rem;line-height:1.5}\n"
	".command{border-left:4px solid #12303a}\n"
	"footer{margin-top:3.5rem;padding-top:.9rem;border-top:1px solid #b9c1c4;font-size:.82rem;color:#4a5559}\n"
	"footer p{margin:0;max-width:none}\n"
	/* small screens */
	"@media(max-width:46rem){.sheet{margin:0;padding:1.6rem 1.2rem;border:0}h1{font-size:2rem}"
	".head div:last-child{margin-left:0}table{font-size:.85rem}.plain th{width:8rem}"
	".limits{padding:1rem}.when{white-space:normal}}\n"
	/* paper */
	"@media print{html{font-size:10pt}html,.sheet{background:#fff}.sheet{max-width:none;margin:0;padding:0;"
	"border:0}"
	"p,ul{max-width:none;orphans:3;widows:3}h2,h3,caption,thead,.ask{break-after:avoid}"
	"tr,li,pre,.limits,.head{break-inside:avoid}.retained .digest{white-space:normal;max-width:none}}\n";

const char *const certificate_style[CERTIFICATE_STYLE_PARTS] = { words, tables };
