/**
 * Boot keys of models that Auditor once knew: other makers' phones of 2018 to 2020, earlier Pixels, and what GrapheneOS and CalyxOS signed for these.
 * What a key verified was sworn to by secure hardware in a sample that an owner sent; it is no maker's own list. A maker may use the key for more models than these.
 * Left out: the key 41 01 02 03 … of an SM-J260F, which is a pattern and identifies nothing.
 */
import type { SourceNote } from '../types.ts';
import type { VerifiedBootKey } from './verified-boot-keys.ts';

export const EARLIER_BOOT_KEYS_SOURCE: SourceNote =
  'github.com/GrapheneOS/Auditor AttestationProtocol.java and strings.xml: 001fec56 (2022), 72cbd890 (2024) and, for CalyxOS and first keys of Pixel 3, a version of 2019';

/** Brands in one text, by commas. */
type Row = readonly [key: string, brands: string, system: VerifiedBootKey['system'], models: string];

const ROWS: readonly Row[] = [
  ['b094e48b27c6e15661223ceff539cf35e481deb4e3250331e973ac2c15cad6cd', 'google', 'GrapheneOS', 'Pixel 2'],
  ['b6851e9b9c0ebb7185420bd0e79d20a84cb15ab0b018505effaa4a72b9d9dac7', 'google', 'GrapheneOS', 'Pixel 2 XL'],
  ['213aa4392bf7cabb9676c2680e134fb5fd3e5937d7e607b4eb907cb0a9d9e400', 'google', 'GrapheneOS', 'Pixel 3'],
  ['0f9a9cc8ade73064a54a35c5509e77994e3aa37b6fb889dd53af82c3c570c5cf', 'google', 'GrapheneOS', 'Pixel 3'],
  ['60d551860cc7fd32a9dc65fb3bceb87a5e5c1f88928026f454a234d69b385580', 'google', 'GrapheneOS', 'Pixel 3 XL'],
  ['06dd526ee9b1cb92aa19d9835b68b4ff1a48a3ad31d813f27c9a7d6c271e9451', 'google', 'GrapheneOS', 'Pixel 3 XL'],
  ['8ff8b9b4f831114963669e04ea4f849f33f3744686a0b33b833682746645abc8', 'google', 'GrapheneOS', 'Pixel 3a'],
  ['73d6c63a07610404fe16a4e07dd24e41a70d331e9d3ef7bba2d087e4761eb63a', 'google', 'GrapheneOS', 'Pixel 3a'],
  ['91943faa75dcb6392ae87da18ca57d072bffb80bc30f8fafc7ffe13d76c5736e', 'google', 'GrapheneOS', 'Pixel 3a XL'],
  ['3f36e3482e1ff82986576552cb4fd08af09f8b09d3832314341e04c42d2919a4', 'google', 'GrapheneOS', 'Pixel 3a XL'],
  ['80ef268700ee42686f779a47b4a155fe1ffc2eedf836b4803caab8fa61439746', 'google', 'GrapheneOS', 'Pixel 4'],
  ['3f15fdcb82847fed97427ce00563b8f9ff34627070de5fdb17aca7849ab98cc8', 'google', 'GrapheneOS', 'Pixel 4 XL'],
  ['9f2454a1657b1b5ad7f2336b39a2611f7a40b2e0ddfd0d6553a359605928df29', 'google', 'GrapheneOS', 'Pixel 4a'],
  ['dcec2d053d3ec4f1c9be414aa07e4d7d7cbd12040ad2f8831c994a83a0536866', 'google', 'GrapheneOS', 'Pixel 4a (5G)'],
  ['36a99eab7907e4fb12a70e3c41c456bcbe46c13413fbfe2436adee2b2b61120f', 'google', 'GrapheneOS', 'Pixel 5'],
  ['0abddeda03b6ce10548c95e0bea196faa539866f929bcdf7eca84b4203952514', 'google', 'GrapheneOS', 'Pixel 5a'],
  ['bcebf6844f6b0fa2abe8e62a9d0d57a324d0c02cefdfa019fd49832f9ed39105', 'google', 'CalyxOS', 'Pixel 2, Pixel 2 XL'],
  ['b4de537a5f4b8fdab6789eb2c06ec6e065e48a79edd493a91f635004dd89f3e2', 'google', 'CalyxOS', 'Pixel 3, Pixel 3 XL'],
  ['1962b0538579ffce9ac9f507c46afe3b92055bac7146462283c85c500be78d82', 'google', 'stock', 'Pixel 2'],
  ['171616eaef26009fc46dc6d89f3d24217e926c81a67ce65d2e3a9dc27040c7ab', 'google', 'stock', 'Pixel 2 XL'],
  ['b799391afae3b35522d1edc5c70a3746b097bdd1cabd59f72bb049705c7a03ef', 'google', 'stock', 'Pixel 3, Pixel 3 XL'],
  ['61fda12b32ed84214a9cf13d1affb7aa80bd8a268a861ed4bb7a15170f1ab00c', 'google', 'stock', 'Pixel 3, Pixel 3 XL'],
  ['e75b86c52c7496255a95fb1e2b1c044bfa9d5fe34dd1e4eebd752eef0ea89875', 'google', 'stock', 'Pixel 3a, Pixel 3a XL'],
  ['8ca89af1a6daa74b00810849356de929cfc4498ef36af964757bde8a113bf46d', 'google', 'stock', 'Pixel 3a, Pixel 3a XL'],
  ['ae6316b4753c61f5855b95b9b98484af784f2e83648d0fcc8107fca752caea34', 'google', 'stock', 'Pixel 4, Pixel 4 XL'],
  ['879cd3f18ea76e244d4d4ac3bcb9c337c13b4667190b19035afe2536550050f1', 'google', 'stock', 'Pixel 4a'],
  ['88265d85ba9e1e2f6036a259d880d2741031aca445840137395b6d541c0fc7fc', 'google', 'stock', 'Pixel 4a (5G), Pixel 5'],
  ['1dd694ce00bf131ad61ceb576b7dcc41cf7f9b2c418f4c12b2b8f3e9a1ea911d', 'google', 'stock', 'Pixel 5a'],
  [
    '5341e6b2646979a70e57653007a1f310169421ec9bdd9f1a5648f75ade005af1',
    'huawei',
    'stock',
    'Honor 9 Lite, Honor 10, Honor View 10, Mate 10, Mate 20 lite, Mate 20 Pro, P20, P20 Pro, P smart 2019, Y9 2019',
  ],
  ['7e2e8cc82a77ca74554457e5df3a3ed82e7032b3182d17fe17919bc6e989ff09', 'huawei', 'stock', 'Honor 7A Pro, Y7 2019'],
  ['dfc2920c81e136fdd2a510478fda137b262dc51d449edd7d0bdb554745725cfe', 'nokia', 'stock', 'Nokia 6.1, Nokia 6.1 Plus, Nokia 7 plus'],
  ['4d790fa0a5fe81d6b352b90afe430684d9bc817518cd24c50e6343395f7c51f2', 'nokia', 'stock', 'Nokia 3.1'],
  ['893a17fd918235db2865f7f6439eb0134a45b766aa452e0675bac6cfb5a773aa', 'nokia', 'stock', 'Nokia 7.1'],
  ['6101853dff451fae5b137df914d5e6c15c659337f2c405ac50b513a159071958', 'oneplus', 'stock', 'OnePlus A6003'],
  ['1b90b7d1449d697fb2732a7d2dfa405d587254593f5137f7b6e64f7a0ce03bfd', 'oneplus', 'stock', 'OnePlus A6013'],
  ['4b9201b11685be6710e2b2ba8482f444e237e0c8a3d1f7f447fe29c37cecc559', 'oneplus', 'stock', 'GM1913'],
  ['72376caacf11726d4922585732429fb97d0d1dd69f0d2e0770b9e61d14adde65', 'samsung', 'stock', 'SM-A705FN'],
  ['33d9484fd512e610bcf00c502827f3d55a415088f276c6506657215e622fa770', 'samsung', 'stock', 'SM-G960F'],
  ['266869f7cf2fb56008efc4be8946c8f84190577f9ca688f59c72dd585e696488', 'samsung', 'stock', 'SM-G960U, SM-G960U1, SM-G960W'],
  ['12e8460a7baf709f3b6cf41c7e5a37c6eb4d11cb36cf7f61f7793c8dcdc3c2e4', 'samsung', 'stock', 'SM-G9600'],
  ['d1c53b7a931909ec37f1939b14621c6e4fd19bf9079d195f86b3cea47cd1f92d', 'samsung', 'stock', 'SM-G965F'],
  ['a4a544c2cfbaeaa88c12360c2e4b44c29722fc8dbb81392a6c1faedb7bf63010', 'samsung', 'stock', 'SM-G965U, SM-G965U1, SM-G965W'],
  ['9d77474fa4fea6f0b28636222fbcee2bb1e6ff9856c736c85b8ea6e3467f2bba', 'samsung', 'stock', 'SM-G970F'],
  ['08b2b5c6ec8f54c00c505756e1ef516bb4537b2f02d640410d287a43fcf92e3f', 'samsung', 'stock', 'SM-G975F'],
  ['f0fc0af47d3fe4f27d79cf629ad6ac42aa1eede0a29c0ae109a91bbd1e7cd76d', 'samsung', 'stock', 'SM-J260A'],
  ['d6b902d9e77dfc0fb3627ffefa6d05405932ebb3a6ed077874b5e2a0ccbdb632', 'samsung', 'stock', 'SM-J260T1'],
  ['4558c1afb30d1b46cb93f85462bc7d7fcf70b0103b9dbb0fe96dd828f43f29fc', 'samsung', 'stock', 'SM-J337A, SM-J337AZ'],
  ['45e3ab5d61a03915ae10bf0465b186cb5d9a2fb6a46befaa76e4483bba5a358d', 'samsung', 'stock', 'SM-J337T'],
  ['d95279a8f2e832fd68d919dbf33cfe159d5a1179686db0bd2d7bbbf2382c4dd3', 'samsung', 'stock', 'SM-J720F'],
  ['bb053a5f64d3e3f17c4611340ff2bbe2f605b832a9fa412b2c87f2a163ece2fb', 'samsung', 'stock', 'SM-J737T1'],
  ['4e0570011025d01386d057b2b382969f804dcd19e001344535cf0cfdb8ad7cfe', 'samsung', 'stock', 'SM-M205F'],
  ['2a7e4954c9f703f3ac805ac660ea1727b981db39b1e0f41e4013fa2586d3df7f', 'samsung', 'stock', 'SM-N960F'],
  ['173acfa8ae9ede7bbd998f45a49231f3a4bddf0779345732e309446b46b5641b', 'samsung', 'stock', 'SM-N960U'],
  ['e94bc43b97f98cd10c22cd9d8469dbe621116ecfa624fe291a1d53cf3cd685d1', 'samsung', 'stock', 'SM-N970F'],
  ['466011c44bbf883db38cf96617ed35c796ce2552c5357f9230258329e943db70', 'samsung', 'stock', 'SM-N970U'],
  ['3d3deb132a89551d0a700d230babae4e3e80e3c7926acdd7baedf9b57ad316d0', 'samsung', 'stock', 'SM-N970U'],
  ['52946676088007755eb586b3e3f3e8d3821be5df73513e6c13640507976420e6', 'samsung', 'stock', 'SM-N975U'],
  ['9ac63842137d92c119a1b1be2c9270b9ebb6083bbe6350b7823571942b5869f0', 'samsung', 'stock', 'SM-N975U'],
  ['f3688c02d9676dedb6909cade364c271901fd66ea4f691aeb8b8921195e469c5', 'samsung', 'stock', 'SM-S367VL'],
  ['106592d051e54388c6e601dfd61d59eb1674a8b93216c65c5b3e1830b73d3b82', 'samsung', 'stock', 'SM-T510'],
  ['87790149aed63553b768456aab6daad5678cd87bdeb2bf3649467085349c34e0', 'samsung', 'stock', 'SM-T835'],
  ['4285ad64745cc79b4499817f264dc16bf2af5163af6c328964f39e61ec84693e', 'sony', 'stock', 'Xperia XA2'],
  ['54a9f21e9cfad3a2d028517ef333a658302417db7fb75e0a109a019646cc5f39', 'sony', 'stock', 'Xperia XZ1, Xperia XZ1 Compact'],
  ['bc3b5e121974113939b8a2fe758f9b923f1d195f038d2fd1c04929f886e83bb5', 'sony', 'stock', 'Xperia XZ2'],
  ['94b8b4e3260b4bf8211a02cf2f3de257a127cffb2e4047d5580a752a5e253de0', 'sony', 'stock', 'Xperia XZ2 Compact'],
  ['728800febb119add74519618afedb715e1c39fe08a4de37d249bf54acf1ce00f', 'blackberry', 'stock', 'BlackBerry KEY2'],
  ['1194659b40ea291245e54a3c4ec4aa5b7077bd244d65c7dd8c0a2dbb9db1fb35', 'bq', 'stock', 'Aquaris X2 Pro'],
  ['a9c6758d509600d0eb94fa8d2bf6ee7a6a6097f0ccef94a755dde065aa1aa1b0', 'xiaomi', 'stock', 'Mi A2, POCOPHONE F1'],
  ['6fa710b639848c9d47378937a1afb1b6a52dda738beb6657e2ae70a15b40541a', 'xiaomi', 'stock', 'Mi A2 Lite'],
  ['84bc8445a29b5444a2d1629c9774c8626daff3574d865ec5067a78faec96b013', 'xiaomi', 'stock', 'Mi 9'],
  ['1cc39488d2f85dee0a8e0903cdc4124cfdf2be2531ed6060b678057ed2cb89b4', 'htc', 'stock', 'EXODUS 1, U12+'],
  ['80bab060807cffa45d4747df1ad706fee3ae3f645f80cf14871ddbe27e14c30b', 'motorola', 'stock', 'moto g(7)'],
  ['c2224571c9cd5c89200a7311b1e37aa9cf751e2e19753e8d3702bca00be1d42c', 'motorola', 'stock', 'Motorola One Vision'],
  ['1f6d98d1b0e1f1ce1c872bd36c668f9dfdbe0d47594789e1540df4e6198f657d', 'vivo', 'stock', 'Vivo 1807'],
  ['c55635636999e9d0a0588d24402256b7f9f3aee07b4f7e4e003f09ff0190afae', 't-mobile,tcl,alcatel', 'stock', 'REVVL 2'],
  ['341c50d577dc5f3d5b46e8bfa22c22d1e5fc7d86d4d860e70b89222a7cbfc893', 'oppo', 'stock', 'CPH1831'],
  ['41bf0a26bb3afdcccc40f7b685083522eb5bf1c492f0ec4847f351265313cb07', 'oppo', 'stock', 'CPH1903'],
  ['7e19e217072be6cb7a4c6f673fd3fb62dc51b3e204e7475838747947a3920dd8', 'oppo', 'stock', 'CPH1909'],
  ['0d5f986943d0ce0d4f9783c27eebe175be359927db8b6546b667279a81133c3c', 'lge', 'stock', 'LG-Q710AL'],
  ['d20078f2af2a7d3eca3064018cb8bd47fbca6ee61abb41ba909d3c529cb802f4', 'lge', 'stock', 'LM-Q720'],
  ['54ec644c21fd8229e3b0066513337a8e2c8ef3098a3f974b6a1cfe456a683dae', 'realme', 'stock', 'RMX1941'],
];

export const EARLIER_BOOT_KEYS: readonly VerifiedBootKey[] = ROWS.map(([key, names, system, model]) => {
  const [brand = '', ...more] = names.split(',');
  return { key, model, brands: [brand, ...more], system, complete: brand === 'google', published: false };
});
