package import HostFakes
package import Procfs

extension FakeHost {
    package var procfs: ProcFS { ProcFS(root: procRoot) }

    package var cgroupfs: CgroupFS { CgroupFS(mount: cgroupRoot) }
}
